import { hash as digest } from 'node:crypto'
import { type BlobStore, MARK_PATTERN } from './blob-store.ts'
import type { S3Address } from './s3-address.ts'
import { openS3Bucket } from './s3-bucket.ts'

/** Blobs as objects `blobs/<hash>` of a bucket. Writes are atomic and leave nothing behind. */
export function s3Store(address: S3Address): BlobStore {
  const bucket = openS3Bucket(address)
  const keyOf = (hash: string) => `blobs/${hash}`

  return {
    read: (hash) => bucket.get(keyOf(hash)),
    // always write: the blob is then durable, and a sweep spares it
    write: (hash, text) => bucket.put(keyOf(hash), text, hash),
    async *old(used, before) {
      for await (const { key, at, bytes } of bucket.list('blobs/')) {
        const hash = key.slice('blobs/'.length)
        if (/^[0-9a-f]{64}$/.test(hash) && at < before && !used.has(hash)) yield { hash, place: key, bytes }
      }
    },
    // check again, because a listing may be old; a write between check and delete goes unnoticed
    async remove({ place }, before) {
      for await (const { key, at } of bucket.list(place)) if (key === place && at < before) await bucket.remove(key)
    },
    async marks() {
      const names: string[] = []
      for await (const { key } of bucket.list('marks/')) names.push(key.slice('marks/'.length))
      return names.filter((name) => MARK_PATTERN.test(name))
    },
    mark: (name) => bucket.put(`marks/${name}`, name, digest('sha256', name)),
  }
}
