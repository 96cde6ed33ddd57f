import { createHash } from 'node:crypto'

/** Bytes that look like nothing, always the same for a seed. */
export const noise = (seed: string, bytes = 600): Buffer =>
  createHash('shake256', { outputLength: bytes }).update(seed).digest()
