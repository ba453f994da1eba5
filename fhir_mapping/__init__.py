"""What the record says: FHIR JSON by prefetch key in, a PatientRecord with evidence out."""
