"""Between channels and the assistant: nothing lost, nothing doubled, each person's messages in order."""
