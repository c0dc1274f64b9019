"""Editions, treatments, questionnaires, tools and what patients send.

Rooms, from the files of a programme to what a patient sees:

    library/         the programmes, word lists, tools and instruments, as text that authors write
    library_format/  the format of that text, its checker, and how two editions differ (pure)
    instruments/     scoring, bands, reliable change, and whose wording may be shown (pure)
    sleep/, charts/  nights and sleep windows in numbers; trends and bars as values for a template (pure)
    measures/        which questionnaires are asked when, and who fills them in
    pages/           what a page of a module shows
    toolkit/         what each tool has of its own, beside its fields in library/tools.yaml
    plans/           the crisis plan, the plan ahead, the sleep window
    treatment/       one patient's way: what stands open, what comes next, what was changed, who reads
    models/, actions/, forms/, views/   rows, their changes, and the pages
"""
