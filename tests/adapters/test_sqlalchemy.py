"""Units of work over SQLAlchemy sessions: what is stored, what is returned, and what is left of a refusal."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

import factory
import pytest
from sqlalchemy import create_engine, event, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from sqlalchemy.pool import StaticPool

from seedbed import BuildFailureError, ServiceFactory, after_create, using
from seedbed.errors import GoneError
from seedbed.sqlalchemy import (
    ConnectionInUseError,
    NotASessionError,
    SessionInUseError,
    TransactionLostError,
    unit_of_work,
)
from tests.adapters.shop import (
    Base,
    Customer,
    CustomerFactory,
    Order,
    OrderFactory,
    OutOfStockError,
    Product,
    ProductFactory,
    Refused,
    Shop,
    Vote,
    VoteFactory,
    counting,
    new_engine,
    rows,
)

FILE_KINDS = {
    "legacy": {},
    "begin by an event": {},
    **({"autocommit=False": {"connect_args": {"autocommit": False}}} if sys.version_info >= (3, 12) else {}),
}


def engine_of(kind, path):
    engine = create_engine(f"sqlite:///{path}", **FILE_KINDS[kind])
    if kind == "begin by an event":  # SQLAlchemy's recipe for SQLite

        @event.listens_for(engine, "connect")
        def leave_transactions_alone(connection, _record):
            connection.isolation_level = None

        @event.listens_for(engine, "begin")
        def begin(connection):
            connection.exec_driver_sql("BEGIN")

    Base.metadata.create_all(engine)
    return engine


@pytest.fixture(params=FILE_KINDS)
def engine(request, tmp_path):
    """SQLite in a file, in each way in which its driver begins transactions."""
    engine = engine_of(request.param, tmp_path / "shop.db")
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine):
    with Session(engine) as session:
        yield session


@pytest.fixture
def shop(session):
    shop = Shop(session)
    with using(shop):
        yield shop


def test_a_batch_is_one_commit_with_what_is_nested_in_it(shop, engine):
    log = counting(engine)
    orders = OrderFactory.create_batch(3)
    assert log.count("committed") == 2  # the batch, and the end of reading it
    assert [order.quantity for order in rows(engine, Order)] == [1, 1, 1]
    assert len({order.customer_id for order in orders}) == 3
    assert [customer.orders_count for customer in rows(engine, Customer)] == [1, 1, 1]


def test_what_is_returned_is_what_is_stored(shop, engine):
    class Voted(ProductFactory):
        @factory.post_generation
        def votes(product, _create, extracted, **_extra):
            for _ in range(extracted or 0):
                VoteFactory(product_id=product.id, customer_id=CustomerFactory().id)

    assert vars(Voted(votes=3))["votes_count"] == 3
    assert vars(CustomerFactory())["joined_at"]  # a server's default, loaded
    assert not shop.session.in_transaction()


def test_a_batch_is_read_by_one_query_a_class(shop, engine):
    log = counting(engine)
    made = CustomerFactory.create_batch(50)
    assert sum("SELECT" in statement for statement in log) == 1
    assert all("email" in vars(customer) for customer in made)


def test_rows_with_a_key_of_two_columns_are_read_together(shop, engine):
    product, customers = ProductFactory(), CustomerFactory.create_batch(120)
    log = counting(engine)
    made = VoteFactory.create_each([{"product_id": product.id, "customer_id": one.id} for one in customers])
    votes = [statement for statement in log if statement.startswith("SELECT") and "FROM votes" in statement]
    assert (len(votes), len(made)) == (2, 120)
    assert rows(engine, Product)[0].votes_count == 120


def test_a_refusal_leaves_no_halves_and_the_rest_is_stored(shop, engine):
    customer, product = CustomerFactory(), ProductFactory(stock=5)
    with pytest.raises(BuildFailureError, match="2 were created") as raised:
        OrderFactory.create_each(
            [{"buyer": customer, "product": product, "quantity": quantity} for quantity in (2, 9, 3)]
        )
    assert isinstance(raised.value.cause, OutOfStockError)
    assert [order.quantity for order in raised.value.created] == [2, 3]
    assert [order.quantity for order in rows(engine, Order)] == [2, 3]
    assert (rows(engine, Customer)[0].orders_count, rows(engine, Product)[0].stock) == (2, 0)
    assert (customer.orders_count, product.stock) == (2, 0)


def test_what_the_database_refuses_leaves_the_session_usable(shop, engine):
    with pytest.raises(BuildFailureError, match="3 were created") as raised:
        CustomerFactory.create_each([{"email": email} for email in ("a", "b", "a", "c")])
    assert isinstance(raised.value.cause, IntegrityError)
    assert [customer.email for customer in raised.value.created] == ["a", "b", "c"]
    assert [customer.email for customer in rows(engine, Customer)] == ["a", "b", "c"]
    assert CustomerFactory(email="d").id
    assert shop.session.scalar(select(Customer.email).where(Customer.email == "d")) == "d"


def test_a_refused_single_leaves_nothing(shop, engine):
    product = ProductFactory(stock=0)
    with pytest.raises(BuildFailureError):
        OrderFactory(product=product, buyer=CustomerFactory())
    assert rows(engine, Customer)[0].orders_count == 0
    assert not shop.session.in_transaction()


def test_objects_that_were_made_before_a_refusal_stay_in_the_session(shop):
    with pytest.raises(BuildFailureError) as raised:
        CustomerFactory.create_each([{"email": "a"}, {"email": "a"}])
    (made,) = raised.value.created
    assert inspect(made).persistent
    assert made in shop.session


@pytest.mark.parametrize("service", ["place_and_commit", "place_in_block"])
def test_a_service_that_commits_or_rolls_back_itself_ends_its_own_part_alone(shop, engine, service):
    Own = type("Own", (OrderFactory,), {"Meta": type("Meta", (), {"service": f"orders.{service}"})})  # noqa: N806
    customer, product = CustomerFactory(), ProductFactory(stock=5)
    log = counting(engine)
    with pytest.raises(BuildFailureError, match="2 were created"):
        Own.create_each([{"buyer": customer, "product": product, "quantity": quantity} for quantity in (2, 9, 3)])
    assert log.count("committed") == 2  # the batch, and the end of reading it
    assert [order.quantity for order in rows(engine, Order)] == [2, 3]
    assert rows(engine, Customer)[0].orders_count == 2


def test_what_a_service_commits_before_it_refuses_stays(shop, engine):
    class Noting(OrderFactory):
        class Meta:
            service = "orders.place_noting_refusals"

    product = ProductFactory(stock=1)
    with pytest.raises(BuildFailureError, match="1 were created"):
        Noting.create_batch(2, product=product, buyer=CustomerFactory())
    assert (len(rows(engine, Refused)), len(rows(engine, Order))) == (1, 1)


def test_a_service_that_writes_past_the_orm_decides_by_what_is_stored(shop, engine):
    class Past(OrderFactory):
        class Meta:
            service = "orders.place_past_the_orm"

    product = ProductFactory(stock=3)
    with pytest.raises(BuildFailureError, match="2 of the batch failed"):
        Past.create_batch(5, product=product, buyer=CustomerFactory())
    assert (product.stock, len(rows(engine, Order))) == (0, 3)


@pytest.mark.parametrize("is_expiring", [True, False])
@pytest.mark.parametrize("is_callers", [True, False])
def test_triggers_are_seen_where_the_unit_expires(shop, session, engine, is_expiring, is_callers):
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER sold AFTER INSERT ON orders BEGIN "
            "UPDATE products SET stock = stock - 1 WHERE id = NEW.product_id; END"
        )

    def place(shop, customer_id, product_id):
        if shop.session.get_one(Product, product_id).stock < 1:
            raise OutOfStockError
        order = Order(customer_id=customer_id, product_id=product_id, quantity=1)
        shop.session.add(order)
        return order

    class Triggered(OrderFactory):
        class Meta:
            service = staticmethod(place)
            unit_of_work = unit_of_work("session", is_expiring=is_expiring)

    product, buyer = ProductFactory(stock=2), CustomerFactory()
    with session.begin() if is_callers else contextlib.nullcontext():
        with pytest.raises(BuildFailureError, match="2 were created") as raised:
            Triggered.create_batch(3, product=product, buyer=buyer)
        assert isinstance(raised.value.cause, OutOfStockError if is_expiring else IntegrityError)
        assert product.stock == (2 if is_callers and not is_expiring else 0)  # nothing commits, so nothing expires


def test_a_dry_run_returns_values_and_stores_nothing(shop, engine, session):
    with unit_of_work("session")(shop) as unit:
        orders = OrderFactory.create_batch(3)
        assert [customer.orders_count for customer in session.scalars(select(Customer))] == [1, 1, 1]
        unit.roll_back()
    assert (rows(engine, Order), rows(engine, Customer), rows(engine, Product)) == ([], [], [])
    assert [order.quantity for order in orders] == [1, 1, 1]
    assert session.scalars(select(Order)).all() == []
    OrderFactory()
    assert len(rows(engine, Order)) == 1


def test_services_that_commit_are_undone_by_a_dry_run_too(shop, engine):
    class Own(OrderFactory):
        class Meta:
            service = "orders.place_and_commit"

    with unit_of_work("session")(shop) as unit:
        Own.create_batch(2)
        unit.roll_back()
    assert rows(engine, Order) == []


def test_an_error_that_leaves_the_block_undoes_it_all(shop, engine):
    def fail():
        with unit_of_work("session")(shop):
            CustomerFactory.create_batch(2)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert rows(engine, Customer) == []
    assert CustomerFactory().id


def test_nested_units_are_one(shop, engine):
    log = counting(engine)
    with unit_of_work("session")(shop) as outer:
        CustomerFactory.create_batch(2)
        with unit_of_work("session")(shop) as inner:
            assert inner is outer
        assert "committed" not in log
    assert len(rows(engine, Customer)) == 2


def enforce_foreign_keys(connection, _record):
    before = getattr(connection, "autocommit", None)
    if before is False:  # the pragma does nothing inside a transaction
        connection.autocommit = True
    connection.execute("PRAGMA foreign_keys = ON")
    if before is False:
        connection.autocommit = before


def test_a_constraint_that_is_checked_at_the_commit_fails_all_of_the_batch(shop, engine, session):
    event.listen(engine, "connect", enforce_foreign_keys)
    engine.dispose()

    def place(shop, customer_id):
        shop.session.connection().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        order = Order(customer_id=customer_id, product_id=1, quantity=1)
        shop.session.add(order)
        return order

    class Deferred(OrderFactory):
        class Meta:
            service = staticmethod(place)

        product_id = None

        class Params:
            product_id = None

    product, customer = ProductFactory(), CustomerFactory()
    assert product.id == 1
    session.commit()
    with pytest.raises(BuildFailureError, match="2 of the batch failed, 0 were created") as raised:
        Deferred.create_each([{"customer_id": customer.id}, {"customer_id": 99}])
    assert "FOREIGN KEY" in str(raised.value.cause)
    assert rows(engine, Order) == []
    assert CustomerFactory().id


def test_what_an_after_hook_changes_is_in_what_is_returned(shop, engine):
    class Paid(OrderFactory):
        @after_create
        def pay(self, order):
            shop.orders.pay(order.id)

    assert [order.is_paid for order in Paid.create_batch(2)] == [True, True]
    assert [order.is_paid for order in rows(engine, Order)] == [True, True]


def test_what_a_hook_sets_is_stored(shop, engine):
    class Noted(OrderFactory):
        @factory.post_generation
        def paid(order, _create, _extracted, **_extra):
            order.is_paid = True

    assert Noted().is_paid
    assert rows(engine, Order)[0].is_paid


def test_an_object_that_a_hook_deletes_is_a_failure_that_says_so(shop):
    class Leaving(CustomerFactory):
        @after_create
        def leave(self, customer):
            shop.customers.leave(customer.id)

    for create in (Leaving, lambda: Leaving.create_batch(2)):
        with pytest.raises(BuildFailureError, match=r"Customer is gone \(id \d+\)") as raised:
            create()
        assert isinstance(raised.value.cause, GoneError)
        shop.session.rollback()


def test_the_session_is_left_as_it_was_found(shop, session):
    before = {name: getattr(session, name) for name in ("expire_on_commit", "join_transaction_mode", "twophase")}
    OrderFactory()
    assert {name: getattr(session, name) for name in before} == before
    assert "get_bind" not in vars(session)
    assert not session.in_transaction()
    with session.begin():
        session.add(Customer(email="by hand"))


def test_other_objects_are_expired_as_a_commit_does(shop, engine):
    customer = CustomerFactory()
    assert customer.orders_count == 0
    OrderFactory.create_batch(2, buyer=customer)
    assert customer.orders_count == 2


def test_what_was_pending_before_is_committed_with_it(shop, session, engine):
    session.add(Customer(email="before"))
    CustomerFactory(email="after")
    assert [customer.email for customer in rows(engine, Customer)] == ["before", "after"]


def test_the_callers_own_transaction_is_joined(shop, session, engine):
    with session.begin():
        with pytest.raises(BuildFailureError, match="1 were created"):
            CustomerFactory.create_each([{"email": "a"}, {"email": "a"}])
        CustomerFactory(email="b")
        assert len(session.scalars(select(Customer)).all()) == 2
        session.rollback()
    assert rows(engine, Customer) == []
    with session.begin():
        CustomerFactory(email="c")
    assert [customer.email for customer in rows(engine, Customer)] == ["c"]


def begin(session):
    session.begin()
    return contextlib.nullcontext()


OPENINGS = {
    "begin() as a block": lambda session: session.begin(),
    "begin()": begin,
    "begin_nested()": lambda session: session.begin_nested(),
    "begin_nested() in begin()": lambda session: begin(session) and session.begin_nested(),
}


@pytest.fixture(params=OPENINGS)
def opening(request):
    """Each way in which a caller begins a transaction."""
    return OPENINGS[request.param]


class UndoError(Exception):
    """What makes the caller roll back."""


ENDINGS = ["place", "place_and_commit", "place_in_block", "place_in_two_commits", "place_and_close"]


def own_factory(ending):
    return type("Own", (OrderFactory,), {"Meta": type("Meta", (), {"service": f"orders.{ending}"})})


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_transaction_of_the_callers_is_undone_by_the_caller_whatever_services_end(
    shop, session, engine, opening, ending
):
    own = own_factory(ending)
    with contextlib.suppress(UndoError), opening(session):
        made = [own(), *own.create_batch(2)]
        assert [order.quantity for order in made] == [1, 1, 1]
        with pytest.raises(BuildFailureError, match="2 were created") as raised:
            own.create_each([{"quantity": quantity} for quantity in (1, 2_000, 1)])
        assert isinstance(raised.value.cause, OutOfStockError)
        assert len(session.scalars(select(Order)).all()) == 5
        assert sorted(customer.orders_count for customer in session.scalars(select(Customer))) == [0, 1, 1, 1, 1, 1]
        assert rows(engine, Order) == []
        raise UndoError
    session.rollback()
    assert (rows(engine, Order), rows(engine, Customer)) == ([], [])


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_transaction_of_the_callers_is_committed_by_the_caller(shop, session, engine, opening, ending):
    with opening(session):
        own_factory(ending).create_batch(3)
    if session.in_transaction():
        session.commit()
    assert [order.quantity for order in rows(engine, Order)] == [1, 1, 1]
    assert [customer.orders_count for customer in rows(engine, Customer)] == [1, 1, 1]
    assert "commit" not in vars(session)


def test_hooks_that_commit_do_not_end_the_callers_transaction(shop, session, engine):
    class Bought(CustomerFactory):
        @factory.post_generation
        def order(customer, _create, product):
            shop.orders.place_and_commit(customer.id, product.id)

        @after_create
        def order_again(self, customer):
            shop.orders.place_and_commit(customer.id, product.id)

    with session.begin():
        product = ProductFactory()
        assert [customer.orders_count for customer in Bought.create_batch(2, order=product)] == [2, 2]
        with pytest.raises(BuildFailureError, match="0 were created"):
            Bought.create_batch(2, email=Bought(order=product).email, order=product)
        assert rows(engine, Order) == []
        session.rollback()
    assert (rows(engine, Order), rows(engine, Customer)) == ([], [])


def test_what_a_refused_service_committed_stays_in_the_callers_transaction(shop, session, engine):
    class Noting(OrderFactory):
        class Meta:
            service = "orders.place_noting_refusals"

    with session.begin():
        with pytest.raises(BuildFailureError):
            Noting(product=ProductFactory(stock=0))
        assert rows(engine, Refused) == []
    assert len(rows(engine, Refused)) == 1


def test_services_in_the_callers_transaction_decide_by_what_is_stored(shop, session):
    class Past(OrderFactory):
        class Meta:
            service = "orders.place_past_the_orm"

    with session.begin():
        product = ProductFactory(stock=3)
        with pytest.raises(BuildFailureError, match="3 were created"):
            Past.create_batch(5, product=product)
        assert product.stock == 0


def test_a_dry_run_leaves_nothing_in_the_callers_transaction(shop, session, engine):
    with session.begin():
        CustomerFactory(email="kept")
        with unit_of_work("session")(shop) as unit:
            own_factory("place_and_commit").create_batch(2)
            unit.roll_back()
        assert session.scalars(select(Order)).all() == []
    assert [customer.email for customer in rows(engine, Customer)] == ["kept"]


def test_a_sessionmakers_own_transaction_is_joined(engine):
    with contextlib.suppress(UndoError), sessionmaker(engine).begin() as session, using(Shop(session)):
        own_factory("place_and_commit").create_batch(2)
        raise UndoError
    assert rows(engine, Order) == []
    with sessionmaker(engine).begin() as session, using(Shop(session)):
        own_factory("place_and_commit").create_batch(2)
    assert len(rows(engine, Order)) == 2


MODES = ["conditional_savepoint", "rollback_only", "create_savepoint"]


@pytest.mark.parametrize(
    ("mode", "is_begun"), [*((mode, is_begun) for mode in MODES for is_begun in (True, False)), ("control_fully", True)]
)
def test_a_session_on_a_connection_in_a_transaction_leaves_that_to_its_owner(engine, mode, is_begun):
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode=mode) as session, using(Shop(session)):
            if is_begun:
                session.begin()
            own_factory("place_and_commit").create_batch(2)
            with pytest.raises(BuildFailureError, match="1 were created"):
                CustomerFactory.create_batch(2, email="a")
            assert len(session.scalars(select(Order)).all()) == 2
        if outer.is_active:  # with "control_fully" the session has rolled it back when it was closed
            outer.rollback()
    assert (rows(engine, Order), rows(engine, Customer)) == ([], [])


def test_a_service_that_ends_the_callers_transaction_past_the_session_is_told(shop, session):
    def place_then_end(shop, customer_id, product_id, quantity):
        if quantity == 9:
            shop.session.get_transaction().rollback()
            raise OutOfStockError
        return shop.orders.place(customer_id, product_id, quantity)

    class Own(OrderFactory):
        class Meta:
            service = staticmethod(place_then_end)

    customer, product = CustomerFactory(), ProductFactory()
    ids = {"buyer": None, "product": None, "customer_id": customer.id, "product_id": product.id}
    session.commit()
    session.begin()
    with pytest.raises(BuildFailureError, match="2 of the batch failed, 0 were created") as raised:
        Own.create_each([{**ids, "quantity": quantity} for quantity in (1, 9, 2)])
    assert isinstance(raised.value.failures[0].cause, TransactionLostError)


def test_one_session_in_two_threads_is_refused(shop, session, engine):
    def create_elsewhere():
        with using(shop):
            CustomerFactory()

    with unit_of_work("session")(shop), ThreadPoolExecutor(1) as pool:
        CustomerFactory(email="mine")
        elsewhere = pool.submit(create_elsewhere)
        with pytest.raises(SessionInUseError, match="another task or thread creates in this Session"):
            elsewhere.result()
    assert [customer.email for customer in rows(engine, Customer)] == ["mine"]


def test_a_tests_own_rollback_takes_it_all_along(engine):
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session, using(Shop(session)):
            OrderFactory.create_batch(2)
            with pytest.raises(BuildFailureError):
                CustomerFactory.create_batch(2, email="a")
            assert len(session.scalars(select(Customer)).all()) == 3
        outer.rollback()
    assert (rows(engine, Customer), rows(engine, Order)) == ([], [])


def test_a_scoped_session_serves(engine):
    session = scoped_session(sessionmaker(engine))
    with using(Shop(session)):
        OrderFactory.create_batch(2)
        with pytest.raises(BuildFailureError, match="1 were created"):
            CustomerFactory.create_batch(2, email="a")
    session.remove()
    assert len(rows(engine, Customer)) == 3


class Desk:
    """Services that make a session for each call."""

    def __init__(self, sessions):
        self.sessions = sessions

    def join(self, email: str) -> Customer:
        with self.sessions.begin() as session:
            return Shop(session).customers.join(email)

    def place(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        with self.sessions() as session:
            order = Shop(session).orders.place(customer_id, product_id, quantity)
            session.commit()
            return order

    def forget(self, email: str) -> Customer:
        with self.sessions() as session:
            return Shop(session).customers.join(email)  # and never commits

    def add_product(self, name: str, stock: int = 1_000) -> Product:
        with self.sessions() as session:
            names = session.scalars(select(Product.name)).all()  # open while another one writes
            with self.sessions.begin() as inner:
                return Shop(inner).stock.add_product(f"{name} after {len(names)}", stock)


class DeskCustomerFactory(CustomerFactory):
    class Meta:
        service = "join"
        unit_of_work = unit_of_work("sessions")


class DeskProductFactory(ProductFactory):
    class Meta:
        service = "add_product"
        unit_of_work = unit_of_work("sessions")


class DeskOrderFactory(OrderFactory):
    class Meta:
        service = "place"
        unit_of_work = unit_of_work("sessions")

    class Params:
        buyer = factory.SubFactory(DeskCustomerFactory)
        product = factory.SubFactory(DeskProductFactory)


@pytest.fixture(params=[True, False], ids=["expiring", "keeping"])
def desk(request, engine):
    desk = Desk(sessionmaker(engine, expire_on_commit=request.param))
    with using(desk):
        yield desk


def test_services_that_make_their_own_sessions_are_one_commit(desk, engine):
    log, before = counting(engine), desk.sessions.class_
    orders = DeskOrderFactory.create_batch(3)
    assert log.count("committed") == 2  # the batch, and the end of reading it
    assert [customer.orders_count for customer in rows(engine, Customer)] == [1, 1, 1]
    assert [order.quantity for order in orders] == [1, 1, 1]  # readable, though their sessions are closed
    assert desk.sessions.class_ is before


def test_what_such_services_refuse_leaves_no_halves(desk, engine):
    customer, product = DeskCustomerFactory(), DeskProductFactory(stock=5)
    with pytest.raises(BuildFailureError, match="2 were created"):
        DeskOrderFactory.create_each(
            [{"buyer": customer, "product": product, "quantity": quantity} for quantity in (2, 9, 3)]
        )
    assert (rows(engine, Customer)[0].orders_count, rows(engine, Product)[0].stock) == (2, 0)
    with pytest.raises(BuildFailureError, match="1 were created"):
        DeskCustomerFactory.create_batch(2, email="a")
    assert [one.email for one in rows(engine, Customer)][1:] == ["a"]


def test_what_such_a_service_does_not_commit_is_not_stored(desk, engine):
    class Forgetful(DeskCustomerFactory):
        class Meta:
            service = "forget"

    with pytest.raises(BuildFailureError, match="is gone"):
        Forgetful()
    assert rows(engine, Customer) == []


def test_a_dry_run_over_a_sessionmaker_stores_nothing(desk, engine):
    with unit_of_work("sessions")(desk) as unit:
        DeskOrderFactory.create_batch(2)
        with desk.sessions() as session:
            assert len(session.scalars(select(Order)).all()) == 2
        unit.roll_back()
    assert (rows(engine, Order), rows(engine, Customer)) == ([], [])


def test_models_of_two_databases_are_written_in_both(tmp_path):
    ours, theirs = (new_engine(f"sqlite:///{tmp_path / name}.db") for name in ("ours", "theirs"))
    with Session(binds={Customer: ours, Product: theirs, Order: ours, Vote: theirs}) as session, using(Shop(session)):
        OrderFactory.create_batch(2)
        with pytest.raises(BuildFailureError, match="0 were created"):
            OrderFactory.create_batch(2, product=ProductFactory(stock=0), buyer=CustomerFactory())
        with unit_of_work("session")(session.info.setdefault("shop", Shop(session))) as unit:
            OrderFactory()
            unit.roll_back()
    assert (len(rows(ours, Order)), len(rows(theirs, Product))) == (2, 3)
    assert [one.orders_count for one in rows(ours, Customer)] == [1, 1, 0]
    ours.dispose(), theirs.dispose()


def test_a_session_that_chooses_its_bind_itself_serves(engine):
    class Choosing(Session):
        def get_bind(self, *args, **options):
            return engine

    with Choosing() as session, using(Shop(session)):
        OrderFactory.create_batch(2)
    assert len(rows(engine, Order)) == 2


@pytest.mark.parametrize("found", [None, 3, "a session", sqlite3.connect])
def test_what_is_no_session_is_refused_by_name(found):
    shop = Shop(None)
    shop.sesion = Session()

    class Wrong(CustomerFactory):
        class Meta:
            unit_of_work = unit_of_work(lambda _app: found if found is not sqlite3.connect else object())

    with using(shop), pytest.raises(NotASessionError, match="it has sesion"):
        Wrong()
    with (
        using(shop),
        pytest.raises(NotASessionError, match=r"unit_of_work\('session'\) leads to no SQLAlchemy session"),
    ):
        CustomerFactory()


def test_a_lost_connection_stops_the_batch(shop, engine, session):
    calls = []

    def join(shop, email):
        calls.append(email)
        if email == "b":
            session.connection().invalidate()
        return shop.customers.join(email)

    class Losing(CustomerFactory):
        class Meta:
            service = staticmethod(join)

    with pytest.raises(BuildFailureError, match="0 were created"):
        Losing.create_each([{"email": email} for email in "abcd"])
    assert calls == ["a", "b"]
    session.rollback()
    assert CustomerFactory(email="e").id
    assert [customer.email for customer in rows(engine, Customer)] == ["e"]


WAYS = {
    "session": lambda engine: Shop(Session(engine)),
    "sessions": lambda engine: Desk(sessionmaker(engine)),
}


@pytest.mark.parametrize("where", WAYS)
@pytest.mark.parametrize("is_callers", [False, True])
def test_a_table_that_no_service_writes_is_written_by_the_unit(engine, where, is_callers):
    class AroundFactory(ServiceFactory[Product]):
        class Meta:
            around = "products come with a migration"
            unit_of_work = unit_of_work(where)

        name = "Tea"
        stock = factory.Iterator([1, -1, 2])

    app = WAYS[where](engine)
    with using(app), app.session.begin() if is_callers and where == "session" else contextlib.nullcontext():
        with pytest.raises(BuildFailureError, match="2 were created") as refused:
            AroundFactory.create_batch(3)
        assert isinstance(refused.value.cause, IntegrityError)
        assert AroundFactory(stock=5).id == 3
    assert [product.stock for product in rows(engine, Product)] == [1, 2, 5]


def test_one_connection_in_two_threads_is_refused():
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Base.metadata.create_all(engine)
    desk = Desk(sessionmaker(engine))

    def create_elsewhere():
        with using(desk):
            DeskCustomerFactory(email="b")

    with using(desk), unit_of_work("sessions")(desk):
        DeskCustomerFactory(email="a")
        with (
            ThreadPoolExecutor(1) as executor,
            pytest.raises(BuildFailureError, match="ConnectionInUseError") as refused,
        ):
            executor.submit(create_elsewhere).result()
        assert isinstance(refused.value.cause, ConnectionInUseError)
    create_elsewhere()
    assert [customer.email for customer in rows(engine, Customer)] == ["a", "b"]
    engine.dispose()
