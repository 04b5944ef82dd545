"""The same accident, recovered by one procedure after another: contenders → runs → figures → recommendation."""
