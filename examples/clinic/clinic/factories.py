"""The clinic's factories and scenarios."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import factory
from django.apps import AppConfig

from clinic import services
from clinic.models import Appointment, Doctor, Patient
from seedbed import Many, One, Range, ServiceFactory, Then, Trait, recycle, scenario

MONDAY = datetime(2026, 6, 1, services.OPENS, tzinfo=UTC)


class DoctorFactory(ServiceFactory[Doctor]):
    class Meta:
        service = services.hire

    class Params:
        busy = Trait(appointments=Range(8, 12))

    name = factory.Faker("name")
    appointments = Many("clinic.factories.AppointmentFactory", "doctor")


class PatientFactory(ServiceFactory[Patient]):
    class Meta:
        service = services.register

    name = factory.Faker("name")


class AppointmentFactory(ServiceFactory[Appointment]):
    class Meta:
        service = services.book

    class Params:
        cancelled = Trait(outcome=Then(services.cancel))
        over = Trait(outcome=Then(services.receive))

    doctor = One(DoctorFactory)
    patient = One(PatientFactory)
    at = factory.Sequence(lambda n: MONDAY + timedelta(days=n // 20, minutes=n % 20 * 30))


@scenario("first-week")
class FirstWeek:
    """Two doctors and ten patients who all come to them; some have been, and some have cancelled."""

    def run(self, app: AppConfig) -> list[Doctor]:
        with recycle(PatientFactory.create_batch(10)):
            doctors = DoctorFactory.create_batch(2, busy=True)
            AppointmentFactory.create_batch(5, doctor=doctors[0], over=True)
            AppointmentFactory.create_batch(3, doctor=doctors[1], cancelled=True)
        return doctors
