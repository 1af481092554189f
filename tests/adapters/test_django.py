"""Units of work over Django's databases: what is stored, what is returned, and what is left of a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import factory
import pytest
from django.db import IntegrityError, connections, transaction
from django.test.utils import CaptureQueriesContext

from seedbed import BuildFailureError, ServiceFactory, after_create, using
from seedbed.django import BrokenTransactionError, ConnectionLostError, unit_of_work
from seedbed.errors import GoneError, UnreadableError
from seedbed.strategy.errors import WrongObjectError
from tests.adapters.clinic import services
from tests.adapters.clinic.factories import (
    DoctorFactory,
    NoteFactory,
    PatientFactory,
    VisitFactory,
    called,
)
from tests.adapters.clinic.models import Doctor, Note, Patient, Visit


@pytest.fixture(autouse=True)
def clinic():
    """Two new databases, each of one connection."""
    services.REMINDERS.clear()
    for connection in connections.all():
        with connection.schema_editor() as editor:
            for model in (Doctor, Patient, Visit, Note):
                editor.create_model(model)
    with using(services):
        yield
    for connection in connections.all():
        with connection.constraint_checks_disabled(), connection.schema_editor() as editor:
            for model in (Note, Visit, Patient, Doctor):
                editor.delete_model(model)
        connection.close()


def told(log):
    return [query["sql"].split()[0] for query in log.captured_queries]


def test_a_batch_is_one_transaction_with_what_is_nested_in_it():
    with CaptureQueriesContext(connections["default"]) as log:
        visits = VisitFactory.create_batch(3)
    assert (told(log).count("BEGIN"), told(log).count("COMMIT")) == (1, 1)
    assert [visit.day for visit in visits] == [visit.day for visit in Visit.objects.all()]
    assert [doctor.visits_count for doctor in Doctor.objects.all()] == [1, 1, 1]


def test_what_is_returned_is_what_is_stored_many_a_query():
    doctor = DoctorFactory()
    with CaptureQueriesContext(connections["default"]) as log:
        visits = VisitFactory.create_batch(40, doctor=doctor)
    assert told(log).count("SELECT") == 1
    assert visits[0].doctor.visits_count == 40
    doctor.refresh_from_db()
    assert doctor.visits_count == 40


def test_a_refusal_leaves_no_halves_and_the_rest_is_stored():
    doctor = DoctorFactory()
    with pytest.raises(BuildFailureError, match="2 were created") as raised:
        VisitFactory.create_each([{"doctor": doctor, "day": day} for day in (1, 999, 1, 2)])
    assert [type(failure.cause) for failure in raised.value.failures] == [services.ClosedError, IntegrityError]
    assert [visit.day for visit in raised.value.created] == [1, 2]
    assert [visit.day for visit in Visit.objects.all()] == [1, 2]
    assert Doctor.objects.get().visits_count == 2


def test_callbacks_run_once_the_batch_is_committed_and_those_of_refused_calls_never():
    seen = []

    class Watching(VisitFactory):
        @after_create
        def watch(self, visit):
            seen.append(list(services.REMINDERS))

    doctor = DoctorFactory()
    with pytest.raises(BuildFailureError):
        Watching.create_each([{"doctor": doctor, "day": day} for day in (1, 999, 2)])
    assert services.REMINDERS == [1, 2]
    assert seen == [[1, 2], [1, 2]]


def test_a_callback_that_fails_is_told_and_what_is_stored_is_stored():
    class Failing(PatientFactory):
        class Meta:
            service = staticmethod(lambda _app, email: register_then_fail(email))

    def register_then_fail(email):
        transaction.on_commit(lambda: 1 / 0)
        return services.register(email)

    with pytest.raises(ZeroDivisionError):
        Failing()
    assert Patient.objects.count() == 1


def test_an_error_that_a_service_takes_no_notice_of_is_a_refusal():
    class Careless(PatientFactory):
        class Meta:
            service = called(services.register_carelessly)

    with pytest.raises(BuildFailureError, match="2 were created") as raised:
        Careless.create_each([{"email": email} for email in ("a", "a", "b")])
    assert isinstance(raised.value.cause, BrokenTransactionError)
    assert [patient.email for patient in Patient.objects.all()] == ["a", "b"]


def test_one_that_it_catches_around_a_block_of_its_own_is_none():
    class Careful(PatientFactory):
        class Meta:
            service = called(services.register_carefully)

    first, second = Careful.create_batch(2, email="a")
    assert first == second


def test_a_dry_run_returns_values_and_stores_nothing():
    with unit_of_work()(None) as unit:
        visits = VisitFactory.create_batch(2)
        assert visits[0].doctor.visits_count == 1
        unit.roll_back()
    assert (Visit.objects.count(), Doctor.objects.count(), services.REMINDERS) == (0, 0, [])
    assert unit.stored(visits[0]).day == 0
    VisitFactory()
    assert Visit.objects.count() == 1


def test_an_error_that_leaves_the_block_undoes_it_all():
    def fail():
        with unit_of_work()(None):
            PatientFactory.create_batch(2)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert Patient.objects.count() == 0


def test_inside_the_callers_transaction_nothing_is_committed():
    with transaction.atomic():
        VisitFactory.create_batch(2)
        with pytest.raises(BuildFailureError):
            VisitFactory(day=999)
        assert services.REMINDERS == []
        transaction.set_rollback(True)
    assert Visit.objects.count() == 0


def test_a_constraint_that_is_checked_at_the_commit_fails_all_of_the_batch():
    class ById(VisitFactory):
        class Meta:
            service = called(services.book_by_ids)

        doctor = patient = None
        patient_id = None

        class Params:
            doctor = patient = None

    doctor, patient = DoctorFactory(), PatientFactory()
    ids = {"patient_id": patient.pk}
    with pytest.raises(BuildFailureError, match="2 of the batch failed, 0 were created") as raised:
        ById.create_each([{**ids, "doctor_id": doctor.pk}, {**ids, "doctor_id": 99}])
    assert isinstance(raised.value.cause, IntegrityError)
    assert Visit.objects.count() == 0


def test_what_hooks_change_and_delete_is_in_what_is_returned():
    class Closed(VisitFactory):
        @after_create
        def close(self, visit):
            services.close(Visit.objects.get(pk=visit.pk))

    class Cancelled(VisitFactory):
        @after_create
        def cancel(self, visit):
            Visit.objects.filter(pk=visit.pk).delete()

    class Deleted(VisitFactory):
        @after_create
        def delete(self, visit):
            visit.delete()

    assert [visit.is_over for visit in Closed.create_batch(2)] == [True, True]
    for gone in (Cancelled, Deleted):
        with pytest.raises(BuildFailureError, match=r"Visit is gone \(id") as raised:
            gone()
        assert isinstance(raised.value.cause, GoneError)


def test_a_row_that_a_field_refuses_to_read_was_written_and_says_so(monkeypatch):
    def refuse(value, *_):
        return int(value) if int(value) != 2 else Path(value)

    monkeypatch.setattr(Visit._meta.get_field("day"), "from_db_value", refuse, raising=False)
    doctor = DoctorFactory()
    with pytest.raises(BuildFailureError, match=r"this Visit was written \(id 2\).*2 were created") as raised:
        VisitFactory.create_each([{"doctor": doctor, "day": day} for day in (1, 2, 3)])
    assert isinstance(raised.value.cause, UnreadableError)
    assert Visit.objects.count() == 3


def test_fields_that_were_left_out_stay_left_out():
    class Lazy(PatientFactory):
        class Meta:
            service = staticmethod(
                lambda _app, email: Patient.objects.defer("email").get(pk=services.register(email).pk)
            )

    assert "email" not in vars(Lazy.create_batch(2)[0])


def test_a_model_that_reads_itself_anew_is_asked_to():
    class Own(Patient):
        class Meta:
            proxy = True
            app_label = "clinic"

        def refresh_from_db(self, *args, **options):
            super().refresh_from_db(*args, **options)
            self.is_read = True

    class OwnFactory(PatientFactory):
        class Meta:
            model = Own
            service = staticmethod(lambda _app, email: Own.objects.create(email=email))

    assert all(one.is_read for one in OwnFactory.create_batch(2))


def test_several_databases_are_in_it_where_they_are_named():
    with pytest.raises(BuildFailureError, match="2 were created"):
        NoteFactory.create_each([{"text": text} for text in ("a", "", "b")])
    assert [note.text for note in Note.objects.using("archive")] == ["a", "b"]
    with unit_of_work("default", "archive")(None) as unit:
        NoteFactory()
        PatientFactory()
        unit.roll_back()
    assert (Note.objects.using("archive").count(), Patient.objects.count()) == (2, 0)


def test_a_lost_database_is_told_for_each():
    calls = []

    def write(text):
        calls.append(text)
        if text == "b":
            connections["archive"].close()
        return services.file_note(text)

    class Losing(NoteFactory):
        class Meta:
            service = called(write)

    with pytest.raises(BuildFailureError, match="0 were created") as raised:
        Losing.create_each([{"text": text} for text in "abc"])
    assert isinstance(raised.value.failures[0].cause, ConnectionLostError)
    assert calls == ["a", "b"]
    assert Note.objects.using("archive").count() == 0


def test_one_that_is_deleted_fills_no_role():
    class ByIdsFactory(VisitFactory):
        class Meta:
            service = called(services.book_by_ids)
            arguments: ClassVar = {"doctor": "doctor_id", "patient": "patient_id"}

    doctor = DoctorFactory()
    assert ByIdsFactory(doctor=doctor).doctor_id == doctor.pk
    Visit.objects.all().delete()
    doctor.delete()
    with pytest.raises(WrongObjectError, match="doctor must be a stored object, not"):
        ByIdsFactory(doctor=doctor)
    assert Visit.objects.count() == 0


def test_a_table_that_no_service_writes_is_written_by_the_unit():
    class InsertFactory(ServiceFactory[Patient]):
        class Meta:
            around = "patients come with an import"
            unit_of_work = unit_of_work()

        email = factory.Iterator("aba")

    with pytest.raises(BuildFailureError, match="2 were created") as refused:
        InsertFactory.create_batch(3)
    assert isinstance(refused.value.cause, IntegrityError)
    with pytest.raises(BuildFailureError, match="IntegrityError"):
        InsertFactory(id=Patient.objects.get(email="a").pk, email="c")  # nobody's row is written over
    assert [patient.email for patient in Patient.objects.all()] == ["a", "b"]
