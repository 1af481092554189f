from __future__ import annotations

import factory

from seedbed import ServiceFactory
from seedbed.django import unit_of_work
from tests.adapters.clinic import services
from tests.adapters.clinic.models import Doctor, Note, Patient, Visit


def called(function):
    """A service that takes no app."""
    return staticmethod(lambda _app, **values: function(**values))


class ClinicFactory(ServiceFactory):
    class Meta:
        abstract = True
        unit_of_work = unit_of_work()


class DoctorFactory(ClinicFactory):
    class Meta:
        model = Doctor
        service = called(services.hire)

    name = factory.Sequence("Dr {}".format)


class PatientFactory(ClinicFactory):
    class Meta:
        model = Patient
        service = called(services.register)

    email = factory.Sequence("patient{}@example.org".format)


class VisitFactory(ClinicFactory):
    class Meta:
        model = Visit
        service = called(services.book)

    doctor = factory.SubFactory(DoctorFactory)
    patient = factory.SubFactory(PatientFactory)
    day = factory.Sequence(lambda n: n)


class NoteFactory(ClinicFactory):
    class Meta:
        model = Note
        service = called(services.file_note)
        unit_of_work = unit_of_work("default", "archive")

    text = "well"
