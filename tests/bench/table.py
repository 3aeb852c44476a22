"""The table that tools/bench prints: what was measured, the value, the bound and whether it was kept."""


class Table:
    def __init__(self):
        self.missed = False

    def heading(self):
        print(f"{'measure':<80} {'value':>12}  {'bound':>12}  verdict", flush=True)

    def fact(self, measure, value):
        print(f"{measure:<80} {value:>12}", flush=True)

    def at_most(self, measure, value, bound, unit="", digits=2):
        self._bounded(measure, value, bound, "≤", value <= bound, unit, digits)

    def at_least(self, measure, value, bound, unit="", digits=0):
        self._bounded(measure, value, bound, "≥", value >= bound, unit, digits)

    def _bounded(self, measure, value, bound, sign, kept, unit, digits):
        self.missed = self.missed or not kept
        shown = f"{value:.{digits}f}{unit}"
        print(f"{measure:<80} {shown:>12}  {f'{sign} {bound}{unit}':>12}  {'ok' if kept else 'MISSED'}", flush=True)
