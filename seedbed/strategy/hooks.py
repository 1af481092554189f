"""How a factory declares what runs before and after its service call.

`ArgumentHook` is the base of hooks that can be sized; the other two are methods of a factory:

    class UserFactory(ServiceFactory[User]):
        @before_create
        def lower_email(cls, kwargs):
            return kwargs | {"email": kwargs["email"].lower()}

        @after_create
        def welcome(cls, user):
            mailbox.append(user.email)

Both are class methods, inherited and overridden by name. Order: those of base classes first, then by place in
the class body. `before_create` gets the keyword arguments of the service call and returns those to use.
`after_create` gets the stored object, once, in the order of creation: after the commit where the call opened
the unit of work itself. In a unit of work of the caller's own it runs when the outermost factory call returns, before
the commit: the object is as it will be stored, unless it is refused then. Below a plain factory_boy factory each of our
objects has a unit of work of its own, and `after_create` runs before its other hooks.

What hooks of either kind, factory_boy's or these, change or delete through services is in what `create` returns; an
object that they delete is a BuildFailureError, whose cause says that it is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from factory.declarations import PostGenerationDeclaration

__all__ = ["ArgumentHook", "Hook", "after_create", "before_create", "find_hooks"]

Hook: TypeAlias = Callable[..., Any]

if TYPE_CHECKING:
    # So that checkers know: `cls` is the factory, and what is called through it has the method's own type.
    from builtins import classmethod as after_create
    from builtins import classmethod as before_create

    from factory.builder import BuildStep
else:

    class before_create(classmethod):  # noqa: N801 - reads as the decorator that it is
        """Mark a class method that returns the keyword arguments to create with."""

    class after_create(classmethod):  # noqa: N801 - as above
        """Mark a class method that is given each stored object."""


def find_hooks(factory: type, kind: type) -> Iterator[Hook]:
    """Find the hooks of a kind: base classes first, each in its body's order; an override keeps its place."""
    names = dict.fromkeys(
        name for base in reversed(factory.__mro__) for name, value in vars(base).items() if isinstance(value, kind)
    )
    for name in names:
        for base in factory.__mro__:
            if name in vars(base):
                if isinstance(vars(base)[name], kind):
                    yield getattr(factory, name)
                break


class ArgumentHook(PostGenerationDeclaration):
    """A post-generation hook whose argument is read, and refused, before anything is made.

    Attributes:
        host: The field, of what it makes, for the object that has the hook.
        is_of_created: That it runs for an object that is created, and says nothing of one that is built.
    """

    host: str
    is_of_created = True

    def get_factory(self) -> Any:
        """Return the factory of what it makes."""
        raise NotImplementedError

    def with_size(self, size: Any) -> ArgumentHook:
        """Return the same hook with another argument where the caller gives none."""
        raise NotImplementedError

    def check(self, value: Any) -> None:
        """Refuse an argument that is no declaration.

        Raises:
            FactoryError: The hook can make nothing of it.
        """
        raise NotImplementedError

    def read_argument(self, step: BuildStep, name: str, overrides: dict[str, Any]) -> Any:
        """Evaluate the argument of the hook of this name, in whatever form it was declared, for `evaluate_post`.

        Raises:
            FactoryError: The hook can make nothing of it.
        """
        raise NotImplementedError
