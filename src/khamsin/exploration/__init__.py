"""What carries a result: factors of a model, designs over them, and what the outcomes say."""
