"""Framework Decision 2002/465/JHA on joint investigation teams."""
