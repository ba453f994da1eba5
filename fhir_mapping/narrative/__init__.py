"""What a report says in words, English and Chinese: named rules, no language model."""
