"""What we use of factory_boy's private surface: if one fails after an upgrade, read `factories/` again."""

from __future__ import annotations

import inspect

import factory
import pytest
from factory import base, builder, declarations, enums


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (base.FactoryOptions.instantiate, ["self", "step", "args", "kwargs"]),
        (base.FactoryOptions.next_sequence, ["self"]),
        (base.FactoryOptions.reset_sequence, ["self", "value", "force"]),
        (base.FactoryOptions.prepare_arguments, ["self", "attributes"]),
        (base.FactoryOptions.use_postgeneration_results, ["self", "step", "instance", "results"]),
        (
            base.FactoryOptions.contribute_to_class,
            ["self", "factory", "meta", "base_meta", "base_factory", "params"],
        ),
        (base.BaseFactory._generate, ["strategy", "params"]),
        (builder.StepBuilder.__init__, ["self", "factory_meta", "extras", "strategy"]),
        (builder.StepBuilder.build, ["self", "parent_step", "force_sequence"]),
        (builder.BuildStep.__init__, ["self", "builder", "sequence", "parent_step"]),
        (builder.BuildStep.recurse, ["self", "factory", "declarations", "force_sequence"]),
        (builder.Resolver.__init__, ["self", "declarations", "step", "sequence"]),
        (declarations.BaseDeclaration.evaluate, ["self", "instance", "step", "extra"]),
        (declarations.BaseDeclaration.evaluate_pre, ["self", "instance", "step", "overrides"]),
        (declarations.BaseDeclaration.unroll_context, ["self", "instance", "step", "context"]),
        (declarations.RelatedFactory.call, ["self", "instance", "step", "context"]),
        (declarations.Trait.as_declarations, ["self", "field_name", "declarations"]),
    ],
    ids=lambda value: getattr(value, "__qualname__", None),
)
def test_a_method_takes_what_we_pass_or_override(function, parameters):
    assert list(inspect.signature(function).parameters) == parameters


def test_the_resolver_keeps_values_and_pending_names_where_we_look():
    seen = {}

    class Probe(declarations.BaseDeclaration):
        def evaluate(self, instance, step, extra):
            seen["pending"] = list(instance._Resolver__pending)
            seen["values"] = dict(instance._Resolver__values)
            seen["step"] = (step.builder.strategy, step.sequence, step.stub is instance, step.builder.extras)

    class Some(factory.DictFactory):
        one = 1
        two = Probe()

    Some.build(three=3, __sequence=9)
    assert seen == {
        "pending": ["two"],
        "values": {"one": 1},
        "step": (enums.BUILD_STRATEGY, 9, True, {"three": 3}),
    }


def test_a_declaration_keeps_its_arguments_where_we_look():
    plain = declarations.SelfAttribute("one.two")
    assert (plain._defaults, plain.attribute_name, plain.depth) == ({}, "one.two", 0)
    assert plain.default is declarations._UNSPECIFIED
    assert declarations.SubFactory("a.B", size=1)._defaults == {"size": 1}


def test_options_of_our_own_take_effect_in_subclasses_of_the_class_that_names_them():
    class Options(base.FactoryOptions):
        pass

    class Holder(factory.Factory):
        _options_class = Options

        class Meta:
            abstract = True

    class Below(Holder):
        class Meta:
            abstract = True

    assert (type(Holder._meta), type(Below._meta)) == (base.FactoryOptions, Options)


def test_a_step_builder_of_our_own_is_handed_on_to_nested_factories():
    class Builder(builder.StepBuilder):
        pass

    parent = Builder(factory.DictFactory._meta, {}, enums.BUILD_STRATEGY)
    assert type(parent.recurse(factory.DictFactory._meta, {})) is Builder


def test_hooks_are_sorted_by_the_counter_that_our_traits_copy():
    first, second = declarations.PostGeneration(print), declarations.PostGeneration(print)
    assert first._creation_counter < second._creation_counter
    assert builder.DeclarationSet({"b": second, "a": first}).sorted() == ["a", "b"]


def test_a_class_method_is_no_declaration():
    class Some(factory.DictFactory):
        @classmethod
        def helper(cls):
            return 1

    assert Some.build() == {}
