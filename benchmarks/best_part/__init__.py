"""The best part of clips and sounds: how well `--window best` chooses, judged by material whose content is known."""
