"""The quiet colours that all pictures share: of words, of what stands back, of grids."""

INK, FAINT, GRID = "#222222", "#777777", "#e3e3e3"
