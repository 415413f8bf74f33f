"""The media beside text in which memory is held. All of them are caches of what the text says."""
