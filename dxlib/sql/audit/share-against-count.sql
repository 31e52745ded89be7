-- A count and, right after it, its share of the inhabitants, recomputed with the population that the document prints for the same day.
SELECT * EXCLUDE (is_cut) FROM unrounded_share WHERE NOT is_cut
