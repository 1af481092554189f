"""Counters of owners that share their keys with others: heirs of a model, one-to-one profiles, other models."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from sqlalchemy import Column, ForeignKey, Integer, Table, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import StaticPool

from seedbed import Counter, Suite
from seedbed.suite.errors import CounterError
from seedbed.suite.foreign_keys import references


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "product"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    bundle_count: Mapped[int | None]
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "plain"}  # noqa: RUF012 - SQLAlchemy's own form


class Perishable(Product):
    __tablename__ = "perishable"
    key: Mapped[int] = mapped_column("id", ForeignKey("product.id"), primary_key=True)
    orders_count: Mapped[int] = mapped_column(default=0)
    __mapper_args__ = {"polymorphic_identity": "perishable"}  # noqa: RUF012


class Bundle(Product):
    __mapper_args__ = {"polymorphic_identity": "bundle"}  # noqa: RUF012


class Order(Base):
    __tablename__ = "order"
    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int | None] = mapped_column("product", ForeignKey("product.id"))
    perishable_id: Mapped[int | None] = mapped_column(ForeignKey("perishable.id"))
    buyer: Mapped[int | None]


class Stock(Base):
    """Made for some products only."""

    __tablename__ = "stock"
    product: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    orders_count: Mapped[int] = mapped_column(default=0)


class Shelf(Base):
    """Numbered as products happen to be."""

    __tablename__ = "shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    orders_count: Mapped[int] = mapped_column(default=0)


LINE = Table(
    "line", Base.metadata, Column("id", Integer, primary_key=True), Column("product", ForeignKey("product.id"))
)
PLAIN, SPOILT, BOX = 1, 2, 3


@pytest.fixture
def session():
    engine = create_engine("sqlite://", poolclass=StaticPool)
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Product(id=PLAIN), Perishable(key=SPOILT, orders_count=1), Bundle(id=BOX, bundle_count=1)])
        session.add_all([Stock(product=PLAIN, orders_count=1), Shelf(id=PLAIN, orders_count=1)])
        session.flush()
        session.add_all([Order(product_id=one, buyer=one) for one in (PLAIN, SPOILT, BOX)])
        session.add(Order(perishable_id=SPOILT))
        session.execute(LINE.insert(), [{"product": one} for one in (PLAIN, SPOILT, BOX)])
        yield session
    engine.dispose()


def audit(session, counter):
    return [str(one) for one in Suite("store", open=dict, factories=[], counters=[counter]).audit(session).findings]


@pytest.mark.parametrize(
    "counter",
    [
        Counter("orders_count", of=Perishable, counts=Order, by="product_id"),
        Counter("orders_count", of=Perishable, counts=Order, by="perishable_id"),
        Counter("orders_count", of=Perishable, counts=LINE, by="product"),
        Counter("bundle_count", of=Bundle, counts=Order, by="product_id"),
        Counter("bundle_count", of=Bundle, counts=LINE, by="product"),
        Counter("orders_count", of=Stock, counts=Order, by="product_id"),
        Counter("orders_count", of=Stock.__table__, counts=LINE, by="product"),
        Counter("orders_count", of=Shelf, counts=Order, by="product_id", key="id"),
    ],
    ids=lambda counter: f"{counter.name} by {counter.by}",
)
def test_rows_of_what_has_no_such_counter_are_no_drift(session, counter):
    assert audit(session, counter) == []


@pytest.mark.parametrize("counter", [Counter("orders_count", of=Perishable, counts=Order, by="product_id")])
def test_rows_of_nobody_and_wrong_numbers_are(session, counter):
    session.add_all([Order(product_id=99), Order(product_id=SPOILT)])

    assert audit(session, counter) == [
        "Perishable 2: orders_count is 1, and should be 2",
        "Perishable 99: it is not there, and 1 that orders_count counts name it",
    ]


def test_a_foreign_key_to_another_model_is_refused(session):
    rule = (
        "by='product_id' is a foreign key to Product, and not to Shelf; where both have the same keys, say which field"
    )
    with pytest.raises(CounterError, match=rule):
        audit(session, Counter("orders_count", of=Shelf, counts=Order, by="product_id"))
    with pytest.raises(CounterError, match="by='product' is a foreign key to product, and not to shelf"):
        audit(session, Counter("orders_count", of=Shelf.__table__, counts=LINE, by="product"))


def test_what_is_no_foreign_key_is_counted_as_it_is_declared(session):
    counter = Counter("orders_count", of=Shelf, counts=Order, by="buyer")

    assert [one.partition(":")[0] for one in audit(session, counter)] == ["Shelf 2", "Shelf 3"]


def test_a_table_that_was_never_declared_leads_nowhere():
    class Elsewhere(DeclarativeBase):
        pass

    class Lost(Elsewhere):
        __tablename__ = "lost"
        id: Mapped[int] = mapped_column(ForeignKey("nowhere.id"), primary_key=True)

    assert [(to.model, to.field) for to in references(Lost, "id")] == [(Lost, "id")]
    assert references(dict, "id") == []


DJANGO = """
import json
import django
from django.conf import settings
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=["django.contrib.contenttypes"],
)
django.setup()
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from seedbed import Counter, Suite
from seedbed.suite.errors import CounterError

class Product(models.Model):
    class Meta:
        app_label = "store"

class Perishable(Product):
    orders_count = models.IntegerField(default=0)
    class Meta:
        app_label = "store"

class Fresh(Perishable):
    class Meta:
        app_label = "store"
        proxy = True

class Stock(models.Model):
    product = models.OneToOneField(Product, primary_key=True, on_delete=models.CASCADE)
    orders_count = models.IntegerField(default=0)
    class Meta:
        app_label = "store"

class Shelf(models.Model):
    orders_count = models.IntegerField(default=0)
    class Meta:
        app_label = "store"

class Order(models.Model):
    product = models.ForeignKey(Product, on_delete=models.DO_NOTHING, db_constraint=False)
    class Meta:
        app_label = "store"

class Note(models.Model):
    kind = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    key = models.IntegerField()
    about = GenericForeignKey("kind", "key")
    class Meta:
        app_label = "store"

with connection.schema_editor() as editor:
    for model in (Product, Perishable, Stock, Shelf, Order):
        editor.create_model(model)
plain, spoilt = Product.objects.create(), Perishable.objects.create(orders_count=1)
Stock.objects.create(product=plain, orders_count=1)
Shelf.objects.create(id=plain.id, orders_count=1)
for product in (plain, spoilt):
    Order.objects.create(product=product)

def audit(counts=Order, **declared):
    counter = Counter("orders_count", counts=counts, **declared)
    try:
        return [str(one) for one in Suite("store", open=dict, factories=[], counters=[counter]).audit(None).findings]
    except CounterError as error:
        return str(error)

told = [audit(of=one, by=by) for one in (Perishable, Fresh, Stock) for by in ("product", "product_id")]
told.append(audit(of=Shelf, by="product"))
told.append(audit(of=Shelf, counts=Note, by="key"))
Order.objects.create(product_id=99)
told.append(audit(of=Perishable, by="product"))
print(json.dumps(told))
"""


def test_django_s_heirs_and_profiles_too():
    told = subprocess.run([sys.executable, "-c", DJANGO], check=True, capture_output=True, text=True).stdout

    *clean, refused, several, found = json.loads(told)
    assert clean == [[]] * 6
    assert "Shelf.orders_count: by='product' is a foreign key to Product, and not to Shelf" in refused
    assert "by='key' holds keys of several models, by its generic foreign key: count by recount=function" in several
    assert found == ["Perishable 99: it is not there, and 1 that orders_count counts name it"]
