"""The app that opens from a patient's chart: SMART App Launch, one file per step, and its pages."""
