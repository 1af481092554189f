"""What the clinic stores."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models


class Doctor(models.Model):
    name = models.CharField(max_length=80)
    appointments_count = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Patient(models.Model):
    name = models.CharField(max_length=80)
    visits_count = models.IntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    doctor = models.ForeignKey(Doctor, models.CASCADE)
    patient = models.ForeignKey(Patient, models.CASCADE)
    at = models.DateTimeField()
    minutes = models.IntegerField(default=30)
    state = models.CharField(max_length=9, default="booked")

    def __str__(self) -> str:
        return f"{self.patient} with {self.doctor} at {self.at:%F %R}"

    @property
    def until(self) -> datetime:
        return self.at + timedelta(minutes=self.minutes)
