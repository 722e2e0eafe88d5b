"""What others published, as claims with tolerances fixed beforehand, held against the model."""
