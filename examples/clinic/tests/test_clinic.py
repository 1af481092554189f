"""The clinic's rules. `seedbed_app` works in the test's database; after each test every counter is recounted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinic import services
from clinic.factories import MONDAY, AppointmentFactory, DoctorFactory, PatientFactory
from clinic.models import Appointment, Doctor
from clinic.suite import suite
from seedbed import BuildFailureError, recycle


@pytest.fixture(autouse=True)
def clinic(seedbed_app, assert_counters_exact):
    yield seedbed_app
    assert_counters_exact()


def test_a_doctor_sees_one_patient_at_a_time():
    doctor = DoctorFactory()
    AppointmentFactory(doctor=doctor, at=MONDAY, minutes=45)
    with pytest.raises(BuildFailureError, match=r"there is .* already") as failure:
        AppointmentFactory(doctor=doctor, at=MONDAY + timedelta(minutes=30))
    assert isinstance(failure.value.cause, services.ClinicError)
    AppointmentFactory(doctor=doctor, at=MONDAY + timedelta(minutes=45))
    doctor.refresh_from_db()
    assert doctor.appointments_count == 2


def test_a_patient_is_in_one_place_at_a_time():
    patient = PatientFactory()
    with pytest.raises(BuildFailureError, match=r"there is .* already"):
        AppointmentFactory.create_batch(2, patient=patient, at=MONDAY)
    assert Appointment.objects.count() == 1


def test_a_cancelled_appointment_makes_room():
    gone = AppointmentFactory(cancelled=True, at=MONDAY)
    assert AppointmentFactory(doctor=gone.doctor, at=MONDAY).doctor.appointments_count == 1


def test_who_has_been_is_counted_and_cannot_cancel():
    visit = AppointmentFactory(over=True)
    assert visit.patient.visits_count == 1
    with pytest.raises(services.ClinicError, match="is over"):
        services.cancel(visit)


def test_nobody_comes_at_night():
    with pytest.raises(BuildFailureError, match="closed at 20:00"):
        AppointmentFactory(at=MONDAY + timedelta(hours=12))


def test_busy_doctors_share_the_patients_that_there_are(clinic):
    patients = PatientFactory.create_batch(3)
    with recycle(patients):
        doctors = DoctorFactory.create_batch(2, busy=True)
    assert all(8 <= doctor.appointments_count <= 12 for doctor in doctors)
    assert {one.patient for one in Appointment.objects.all()} == {*patients}


def test_a_first_week(clinic):
    suite.run("first-week", clinic)
    assert Doctor.objects.count() == 2
    assert {*Appointment.objects.values_list("state", flat=True)} == {"booked", "cancelled", "over"}
