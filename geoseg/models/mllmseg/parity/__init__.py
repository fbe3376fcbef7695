"""Whether our MLLMSeg answers as the published one does, on a kit of golden numbers."""
