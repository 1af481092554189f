# What they decorate is called with the object, or a stub of it, and never with the factory.
from builtins import staticmethod as container_attribute
from builtins import staticmethod as iterator
from builtins import staticmethod as lazy_attribute
from builtins import staticmethod as lazy_attribute_sequence
from builtins import staticmethod as post_generation
from builtins import staticmethod as sequence
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import factory

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

_Factory: TypeAlias = type[Any] | str

class ContainerAttribute(factory.ContainerAttribute):
    def __init__(self, function: Callable[[Any, Any], object], strict: bool = True) -> None: ...

class Dict(factory.Dict):
    def __init__(self, params: Mapping[str, Any], dict_factory: _Factory = ...) -> None: ...

class Faker(factory.Faker):
    def __init__(self, provider: str, *, locale: str | None = None, **arguments: Any) -> None: ...

class Iterator(factory.Iterator):
    def __init__(
        self,
        iterator: Iterable[Any],
        cycle: bool = True,
        getter: Callable[[Any], object] | None = None,
    ) -> None: ...

class LazyAttribute(factory.LazyAttribute):
    def __init__(self, function: Callable[[Any], object]) -> None: ...

class LazyAttributeSequence(factory.LazyAttributeSequence):
    def __init__(self, function: Callable[[Any, int], object]) -> None: ...

class LazyFunction(factory.LazyFunction):
    def __init__(self, function: Callable[[], object]) -> None: ...

class List(factory.List):
    def __init__(self, params: Iterable[Any], list_factory: _Factory = ...) -> None: ...

class Maybe(factory.Maybe):
    def __init__(self, decider: object, yes_declaration: object = ..., no_declaration: object = ...) -> None: ...

class PostGeneration(factory.PostGeneration):
    def __init__(self, function: Callable[..., object]) -> None: ...

class PostGenerationMethodCall(factory.PostGenerationMethodCall):
    def __init__(self, method_name: str, *args: Any, **kwargs: Any) -> None: ...

class RelatedFactory(factory.RelatedFactory):
    def __init__(self, factory: _Factory, factory_related_name: str = "", **defaults: Any) -> None: ...

class RelatedFactoryList(factory.RelatedFactoryList):
    def __init__(
        self,
        factory: _Factory,
        factory_related_name: str = "",
        size: int | Callable[[], int] = 2,
        **defaults: Any,
    ) -> None: ...

class SelfAttribute(factory.SelfAttribute):
    def __init__(self, attribute_name: str, default: object = ...) -> None: ...

class Sequence(factory.Sequence):
    def __init__(self, function: Callable[[int], object]) -> None: ...

class SubFactory(factory.SubFactory):
    def __init__(self, factory: _Factory, **kwargs: Any) -> None: ...

class Transformer(factory.Transformer):
    def __init__(self, default: object, *, transform: Callable[[Any], object]) -> None: ...
