"""factory_boy's own declarations, with types.

    from seedbed.declarations import Faker, LazyAttribute, Sequence, post_generation

They are the very same objects as `factory.Sequence` and its kin. factory_boy exports none of its names explicitly and
leaves their constructors untyped, so that `mypy --strict` and pyright's strict mode refuse every use; of these names
both know what each takes (`declarations.pyi`). `factory.Trait` and `factory.fuzzy` are not among them: `seedbed` has
`Trait` and `Draw`.
"""

from __future__ import annotations

from factory import (
    ContainerAttribute,
    Dict,
    Faker,
    Iterator,
    LazyAttribute,
    LazyAttributeSequence,
    LazyFunction,
    List,
    Maybe,
    PostGeneration,
    PostGenerationMethodCall,
    RelatedFactory,
    RelatedFactoryList,
    SelfAttribute,
    Sequence,
    SubFactory,
    Transformer,
    container_attribute,
    iterator,
    lazy_attribute,
    lazy_attribute_sequence,
    post_generation,
    sequence,
)

__all__ = [
    "ContainerAttribute",
    "Dict",
    "Faker",
    "Iterator",
    "LazyAttribute",
    "LazyAttributeSequence",
    "LazyFunction",
    "List",
    "Maybe",
    "PostGeneration",
    "PostGenerationMethodCall",
    "RelatedFactory",
    "RelatedFactoryList",
    "SelfAttribute",
    "Sequence",
    "SubFactory",
    "Transformer",
    "container_attribute",
    "iterator",
    "lazy_attribute",
    "lazy_attribute_sequence",
    "post_generation",
    "sequence",
]
