from __future__ import annotations

from django.db import models


class Doctor(models.Model):
    name = models.CharField(max_length=50)
    visits_count = models.IntegerField(default=0)

    class Meta:
        app_label = "clinic"

    def __str__(self):
        return self.name


class Patient(models.Model):
    email = models.CharField(max_length=50, unique=True)

    class Meta:
        app_label = "clinic"

    def __str__(self):
        return self.email


class Visit(models.Model):
    doctor = models.ForeignKey(Doctor, on_delete=models.CASCADE)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE)
    day = models.IntegerField()
    is_over = models.BooleanField(default=False)

    class Meta:
        app_label = "clinic"
        constraints = (models.UniqueConstraint(fields=["doctor", "day"], name="one_a_day"),)

    def __str__(self):
        return f"day {self.day}"


class Note(models.Model):
    """What is kept in another database."""

    text = models.CharField(max_length=50)

    class Meta:
        app_label = "clinic"

    def __str__(self):
        return self.text
