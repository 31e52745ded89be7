-- The share of the inhabitants is cut off instead of rounded, on the population that the document prints for the same day.
SELECT * EXCLUDE (is_cut) FROM unrounded_share WHERE is_cut
