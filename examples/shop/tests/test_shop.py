"""The shop's rules, on worlds that its own services made. After each test every counter is recounted."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from seedbed import BuildFailureError, Range, recycle
from shop.models import Order, Product
from shop.seeding import CustomerFactory, OrderFactory, ProductFactory, suite
from shop.services import ShopError


@pytest.fixture(autouse=True)
def shop(seedbed_app, assert_counters_exact):
    yield seedbed_app
    assert_counters_exact()


def count(shop, model):
    return shop.session.scalar(select(func.count()).select_from(model))


def test_nobody_orders_more_than_there_is(shop):
    product = ProductFactory(stock=2)
    with pytest.raises(BuildFailureError, match=r"3 of .* are ordered, and 2 are left") as failure:
        OrderFactory(product=product, quantity=3)
    assert isinstance(failure.value.cause, ShopError)
    assert (product.stock, count(shop, Order)) == (2, 0)


def test_of_a_batch_that_sells_out_those_before_it_stand(shop):
    product = ProductFactory(stock=3)
    with pytest.raises(BuildFailureError):
        OrderFactory.create_batch(5, product=product)
    assert (product.stock, count(shop, Order)) == (0, 3)


def test_a_cancelled_order_goes_back_on_the_shelf_and_is_still_counted():
    product = ProductFactory(stock=10)
    order = OrderFactory(product=product, cancelled=True, quantity=4)
    assert (order.state, product.stock, product.sold) == ("cancelled", 10, 0)


def test_what_is_shipped_is_not_cancelled(shop):
    with pytest.raises(ShopError, match="is shipped"):
        shop.orders.cancel(OrderFactory(shipped=True))


def test_after_two_weeks_an_order_stands(shop):
    order = OrderFactory(at=datetime(2026, 5, 1, tzinfo=UTC))
    assert order.placed_on == date(2026, 5, 1)
    with shop.at(datetime(2026, 5, 16, tzinfo=UTC)), pytest.raises(ShopError, match="too old"):
        shop.orders.cancel(order)


def test_a_customers_orders_are_of_products_that_there_are(shop):
    products = ProductFactory.create_batch(3)
    with recycle(products):
        customer = CustomerFactory(orders=Range(4, 6), orders__quantity=2)
    assert 4 <= customer.orders_count <= 6
    assert sum(product.sold for product in products) == 2 * customer.orders_count
    assert count(shop, Product) == 3


def test_opening_day(shop):
    customers = suite.run("opening-day", shop)
    assert len(customers) == 10
    assert count(shop, Order) == 1 + sum(customer.orders_count for customer in customers)
