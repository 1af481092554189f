"""Units of work over async sessions: as over plain ones."""

from __future__ import annotations

import asyncio
import contextlib

import factory
import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker, create_async_engine

from seedbed import BuildFailureError, ServiceFactory, after_create, using
from seedbed.sqlalchemy import ConnectionInUseError, SessionInUseError, unit_of_work
from tests.adapters.shop import Base, Customer, Order, OutOfStockError, Product, rows


class AsyncShop:
    """Services over one session, or over one that each call makes."""

    def __init__(self, sessions, session=None):
        self.sessions = sessions
        self.session = session

    async def join(self, email: str) -> Customer:
        customer = Customer(email=email)
        self.session.add(customer)
        await self.session.flush()
        return customer

    async def join_in_block(self, email: str) -> Customer:
        async with self.session.begin():
            return await self.join(email)

    async def join_and_rename(self, email: str) -> Customer:
        await self.session.execute(text("UPDATE products SET name = 'Renamed'"))
        return await self.join(email)

    async def join_alone(self, email: str) -> Customer:
        async with self.sessions.begin() as session:
            customer = Customer(email=email)
            session.add(customer)
        return customer

    async def add_product(self, name: str, stock: int = 9) -> Product:
        product = Product(name=name, stock=stock)
        self.session.add(product)
        return product

    async def place(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        customer = await self.session.get_one(Customer, customer_id)
        customer.orders_count += 1
        await self.session.flush()
        product = await self.session.get_one(Product, product_id)
        if product.stock < quantity:
            await self.session.rollback()
            raise OutOfStockError
        product.stock -= quantity
        order = Order(customer_id=customer_id, product_id=product_id, quantity=quantity)
        self.session.add(order)
        await self.session.commit()
        return order


class CustomerFactory(ServiceFactory):
    class Meta:
        model = Customer
        service = "join"
        unit_of_work = unit_of_work("session")

    email = factory.Sequence("customer{}@example.org".format)


class AloneFactory(CustomerFactory):
    class Meta:
        service = "join_alone"
        unit_of_work = unit_of_work("sessions")


class ProductFactory(ServiceFactory):
    class Meta:
        model = Product
        service = "add_product"
        unit_of_work = unit_of_work("session")

    name = "Tea"


class OrderFactory(ServiceFactory):
    class Meta:
        model = Order
        service = "place"
        unit_of_work = unit_of_work("session")

    class Params:
        buyer = factory.SubFactory(CustomerFactory)
        product = factory.SubFactory(ProductFactory)

    customer_id = factory.SelfAttribute("buyer.id")
    product_id = factory.SelfAttribute("product.id")


@pytest.fixture
def engine(tmp_path):
    """What others see of the file."""
    engine = create_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def run(engine):
    """Run a coroutine function with a shop."""

    async def running(test):
        async_engine = create_async_engine(str(engine.url).replace("sqlite:", "sqlite+aiosqlite:"))
        sessions = async_sessionmaker(async_engine)
        async with sessions() as session:
            shop = AsyncShop(sessions, session)
            with using(shop):
                await test(shop)
        await async_engine.dispose()

    return lambda test: asyncio.run(running(test))


def test_a_batch_is_stored_and_returned_as_it_is_stored(run, engine):
    async def test(shop):
        orders = await OrderFactory.create_batch_async(3)
        assert [order.quantity for order in orders] == [1, 1, 1]
        assert not shop.session.in_transaction()

    run(test)
    assert [customer.orders_count for customer in rows(engine, Customer)] == [1, 1, 1]


def test_a_refusal_leaves_no_halves_and_the_rest_is_stored(run, engine):
    async def test(shop):
        ids = {"buyer": await CustomerFactory.create_async(), "product": await ProductFactory.create_async(stock=5)}
        with pytest.raises(BuildFailureError, match="2 of the batch failed, 2 were created"):
            await _each(OrderFactory, [{**ids, "quantity": quantity} for quantity in (2, 9, 7, 3)])
        with pytest.raises(BuildFailureError, match="1 were created"):
            await CustomerFactory.create_batch_async(2, email="a")

    run(test)
    assert [order.quantity for order in rows(engine, Order)] == [2, 3]
    assert [customer.orders_count for customer in rows(engine, Customer)] == [2, 0]


async def _each(of, overrides):
    return await of.create_each_async(overrides)


OPENINGS = {
    "begin()": lambda shop: shop.session.begin(),
    "begin_nested()": lambda shop: shop.session.begin_nested(),
}


@pytest.mark.parametrize("opening", OPENINGS)
@pytest.mark.parametrize("is_undone", [True, False])
def test_the_caller_ends_a_transaction_of_the_callers(run, engine, opening, is_undone):
    async def test(shop):
        async with OPENINGS[opening](shop):
            product = await ProductFactory.create_async(stock=3)
            await OrderFactory.create_batch_async(2, product=product)
            with pytest.raises(BuildFailureError, match="1 were created"):
                await OrderFactory.create_batch_async(3, product=product, quantity=factory.Iterator([9, 1, 2]))
            assert product.stock == 0
            assert rows(engine, Order) == []
            if is_undone:
                await shop.session.rollback()
        await shop.session.commit()

    run(test)
    assert [order.quantity for order in rows(engine, Order)] == ([] if is_undone else [1, 1, 1])
    assert sum(customer.orders_count for customer in rows(engine, Customer)) == (0 if is_undone else 3)


def test_a_service_may_begin_in_the_callers_transaction(run, engine):
    class BlockFactory(CustomerFactory):
        class Meta:
            service = "join_in_block"

    async def test(shop):
        async with shop.session.begin():
            made = await BlockFactory.create_batch_async(2, email=factory.Iterator("ab"))
            assert [customer.email for customer in made] == ["a", "b"]
            with pytest.raises(BuildFailureError, match="1 were created"):
                await BlockFactory.create_batch_async(2, email=factory.Iterator("ca"))
            await shop.session.rollback()

    run(test)
    assert rows(engine, Customer) == []


def test_one_session_in_two_tasks_is_refused(run, engine):
    async def test(shop):
        done = await asyncio.gather(*(CustomerFactory.create_batch_async(2) for _ in range(2)), return_exceptions=True)
        assert [type(result) for result in done] == [list, SessionInUseError]
        assert len(await AloneFactory.create_batch_async(1)) == 1

    run(test)
    assert len(rows(engine, Customer)) == 3


def test_a_sessionmaker_serves_several_tasks(run, engine):
    async def test(shop):
        done = await asyncio.gather(*(AloneFactory.create_batch_async(1) for _ in range(3)))
        assert [len(made) for made in done] == [1, 1, 1]

    run(test)
    assert len(rows(engine, Customer)) == 3


def test_objects_stay_loaded_after_a_statement_past_the_orm(run):
    class RenamedFactory(CustomerFactory):
        class Meta:
            service = "join_and_rename"

    async def test(shop):
        for block in (contextlib.nullcontext(), shop.session.begin()):
            tea = await ProductFactory.create_async()
            await shop.session.commit()
            async with block:
                await RenamedFactory.create_async()
                assert tea.name == "Renamed"
            await shop.session.execute(text("DELETE FROM customers"))
            await shop.session.commit()

    run(test)


def test_a_dry_run_stores_nothing(run, engine):
    async def test(shop):
        async with unit_of_work("session")(shop) as unit:
            made = await OrderFactory.create_batch_async(2)
            unit.roll_back()
        assert [order.quantity for order in made] == [1, 1]
        async with unit_of_work("sessions")(shop) as unit:
            await AloneFactory.create_batch_async(2)
            unit.roll_back()

    run(test)
    assert (rows(engine, Order), rows(engine, Customer)) == ([], [])


def test_services_that_make_their_own_sessions_are_in_it(run, engine):
    async def test(shop):
        made = await AloneFactory.create_batch_async(2)
        assert [customer.email for customer in made] == ["customer0@example.org", "customer1@example.org"]
        with pytest.raises(BuildFailureError, match="1 were created"):
            await AloneFactory.create_batch_async(2, email="a")
        assert "sync_session_class" not in shop.sessions.kw

    run(test)
    assert len(rows(engine, Customer)) == 3


def test_what_an_after_hook_changes_is_in_what_is_returned(run, engine):
    async def test(shop):
        class Noted(CustomerFactory):
            @after_create
            async def note(self, customer):
                found = await shop.session.get_one(Customer, customer.id)
                found.orders_count = 7
                await shop.session.flush()

        assert [customer.orders_count for customer in await Noted.create_batch_async(2)] == [7, 7]

    run(test)
    assert [customer.orders_count for customer in rows(engine, Customer)] == [7, 7]


def test_a_scoped_async_session_serves(run, engine):
    async def test(shop):
        scoped = async_scoped_session(shop.sessions, scopefunc=asyncio.current_task)
        with using(AsyncShop(shop.sessions, scoped)):
            await OrderFactory.create_batch_async(2)
        await scoped.remove()

    run(test)
    assert len(rows(engine, Order)) == 2


def test_it_needs_create_async(run):
    async def test(shop):
        assert isinstance(shop.session, AsyncSession)
        with pytest.raises(Exception, match="create_async"):
            CustomerFactory()

    run(test)


def test_one_connection_in_two_tasks_is_refused():
    """As that of a database in memory, which all sessions of a sessionmaker share."""

    async def test():
        async_engine = create_async_engine("sqlite+aiosqlite://")
        async with async_engine.begin() as connection:
            await connection.run_sync(Base.metadata.create_all)
        shop = AsyncShop(async_sessionmaker(async_engine))
        with using(shop):
            done = await asyncio.gather(*(AloneFactory.create_batch_async(2) for _ in range(2)), return_exceptions=True)
            assert [type(getattr(result, "cause", result)) for result in done] == [list, ConnectionInUseError]
            await AloneFactory.create_batch_async(1)
        async with shop.sessions() as session:
            assert len((await session.scalars(select(Customer))).all()) == 3
        await async_engine.dispose()

    asyncio.run(test())


@pytest.mark.parametrize("where", ["session", "sessions"])
def test_a_table_that_no_service_writes_is_written_by_the_unit(run, engine, where):
    class AroundFactory(ServiceFactory[Product]):
        class Meta:
            around = "products come with a migration"
            unit_of_work = unit_of_work(where)

        name = "Tea"
        stock = factory.Iterator([1, -1, 2])

    async def test(_shop):
        with pytest.raises(BuildFailureError, match="2 were created"):
            await AroundFactory.create_batch_async(3)
        assert (await AroundFactory.create_async(stock=5)).id == 3

    run(test)
    assert [product.stock for product in rows(engine, Product)] == [1, 2, 5]
