"""A shop on SQLAlchemy: its services have rules and counters of their own, and know nothing of factories."""

from __future__ import annotations

import factory
from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint, create_engine, event, func, select, text, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from seedbed import ServiceFactory
from seedbed.sqlalchemy import unit_of_work


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    orders_count: Mapped[int] = mapped_column(default=0)
    joined_at: Mapped[str] = mapped_column(server_default=func.current_timestamp())


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    stock: Mapped[int] = mapped_column(CheckConstraint("stock >= 0"))
    votes_count: Mapped[int] = mapped_column(default=0)


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    quantity: Mapped[int]
    is_paid: Mapped[bool] = mapped_column(default=False)
    customer: Mapped[Customer] = relationship()


class Vote(Base):
    __tablename__ = "votes"
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"), primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    stars: Mapped[int]


class Refused(Base):
    """What the shop keeps of orders that it refused."""

    __tablename__ = "refused"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int]
    __table_args__ = (UniqueConstraint("id"),)


class OutOfStockError(Exception):
    pass


class UnknownError(Exception):
    pass


class Customers:
    def __init__(self, session):
        self.session = session

    def join(self, email: str) -> Customer:
        customer = Customer(email=email)
        self.session.add(customer)
        self.session.flush()  # who has joined before is refused by the database
        return customer

    def leave(self, customer_id: int) -> None:
        self.session.delete(self.session.get_one(Customer, customer_id))
        self.session.flush()


class Stock:
    def __init__(self, session):
        self.session = session

    def add_product(self, name: str, stock: int = 1_000) -> Product:
        product = Product(name=name, stock=stock)
        self.session.add(product)
        return product  # not flushed: the unit of work does


class Orders:
    def __init__(self, session):
        self.session = session

    def place(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        customer = self.session.get(Customer, customer_id)
        product = self.session.get(Product, product_id)
        if customer is None or product is None:
            raise UnknownError(customer_id, product_id)
        customer.orders_count += 1  # before the rule: a refusal must undo it
        self.session.flush()
        if product.stock < quantity:
            raise OutOfStockError(product.stock)
        product.stock -= quantity
        order = Order(customer_id=customer_id, product_id=product_id, quantity=quantity)
        self.session.add(order)
        self.session.flush()
        return order

    def place_and_commit(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        # as many services do: it ends its transaction itself
        try:
            order = self.place(customer_id, product_id, quantity)
        except OutOfStockError:
            self.session.rollback()
            raise
        self.session.commit()
        return order

    def place_in_block(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        with self.session.begin():
            return self.place(customer_id, product_id, quantity)

    def place_in_two_commits(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        self.session.get_one(Product, product_id).name = "Sold"
        self.session.commit()
        return self.place_and_commit(customer_id, product_id, quantity)

    def place_and_close(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        with self.session:
            return self.place_and_commit(customer_id, product_id, quantity)

    def place_noting_refusals(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        if self.session.get_one(Product, product_id).stock < quantity:
            self.session.add(Refused(product_id=product_id))
            self.session.commit()
            raise OutOfStockError(product_id)
        return self.place(customer_id, product_id, quantity)

    def place_past_the_orm(self, customer_id: int, product_id: int, quantity: int = 1) -> Order:
        if self.session.get_one(Product, product_id).stock < quantity:
            raise OutOfStockError(product_id)
        sell = text("UPDATE products SET stock = stock - :quantity WHERE id = :id")
        self.session.execute(sell, {"quantity": quantity, "id": product_id})
        order = Order(customer_id=customer_id, product_id=product_id, quantity=quantity)
        self.session.add(order)
        self.session.flush()
        return order

    def pay(self, order_id: int) -> Order:
        order = self.session.get_one(Order, order_id)
        order.is_paid = True
        self.session.flush()
        return order


class Votes:
    def __init__(self, session):
        self.session = session

    def vote(self, product_id: int, customer_id: int, stars: int = 5) -> Vote:
        vote = Vote(product_id=product_id, customer_id=customer_id, stars=stars)
        self.session.add(vote)
        self.session.flush()
        self.session.execute(
            update(Product).where(Product.id == product_id).values(votes_count=Product.votes_count + 1)
        )
        return vote


class Shop:
    def __init__(self, session):
        self.session = session
        self.customers = Customers(session)
        self.stock = Stock(session)
        self.orders = Orders(session)
        self.votes = Votes(session)


def new_engine(url="sqlite://", **options):
    engine = create_engine(url, **options)
    Base.metadata.create_all(engine)
    return engine


def counting(engine):
    """Note what the database is told from here on."""
    statements = []
    event.listen(engine, "before_cursor_execute", lambda _c, _cu, statement, *_: statements.append(statement))
    event.listen(engine, "commit", lambda _c: statements.append("committed"))
    return statements


def rows(engine, model):
    """All rows, as somebody else sees them."""
    with Session(engine) as session:
        return session.scalars(select(model)).all()


class ShopFactory(ServiceFactory):
    class Meta:
        abstract = True
        unit_of_work = unit_of_work("session")


class CustomerFactory(ShopFactory):
    class Meta:
        model = Customer
        service = "customers.join"

    email = factory.Sequence("customer{}@example.org".format)


class ProductFactory(ShopFactory):
    class Meta:
        model = Product
        service = "stock.add_product"

    name = factory.Sequence("Product {}".format)


class OrderFactory(ShopFactory):
    class Meta:
        model = Order
        service = "orders.place"

    class Params:
        buyer = factory.SubFactory(CustomerFactory)
        product = factory.SubFactory(ProductFactory)

    customer_id = factory.SelfAttribute("buyer.id")
    product_id = factory.SelfAttribute("product.id")


class VoteFactory(ShopFactory):
    class Meta:
        model = Vote
        service = "votes.vote"
