"""Generated from the contract by scripts/generate.ts."""
