import { hash as digest } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { InvalidError } from '../../errors.ts'
import { makeFolder } from '../files/durable-file.ts'
import { during } from '../files/storage-fault.ts'
import { type BlobStore, MARK_PATTERN } from './blob-store.ts'
import { dropDraft, writeDraft } from './draft.ts'
import { folderStore, leftIn } from './folder-store.ts'
import { type S3Address, s3AddressFrom } from './s3-address.ts'
import { openS3Bucket } from './s3-bucket.ts'

/**
 * Opens the store that nodes share: a folder or an object store. `own`: the folder of this node's blobs, for drafts.
 * @throws InvalidError for any other address
 */
export function openSharedStore(
  place: string,
  environment: Readonly<Record<string, string | undefined>>,
  own: string,
): BlobStore {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place) ?? []
  if (scheme === undefined) return folderStore(place, { shared: true })
  if (scheme === 's3') return s3Store(s3AddressFrom(place, environment), own)
  throw new InvalidError(`Nodes cannot share storage at ${scheme}://.`, {
    hint: 'Name a folder that all of them write to, or an object store: s3://BUCKET/PREFIX',
  })
}

/** Blobs as objects `blobs/<hash>` of a bucket, written atomically. A draft is a file of this node, without a hash. */
export function s3Store(address: S3Address, own: string): BlobStore {
  const drafts = join(own, 'temporary')
  const bucket = openS3Bucket(address)
  const keyOf = (hash: string) => `blobs/${hash}`

  return {
    read: (hash) => bucket.get(keyOf(hash)),
    // always write: the blob is then durable, and a sweep spares it
    write: (hash, text) => bucket.put(keyOf(hash), text, hash),
    open: (hash, range) => bucket.open(keyOf(hash), range),
    async draft(content) {
      await during('cannot store bytes', () => makeFolder(drafts))
      return writeDraft(content, drafts, 0o600)
    },
    async keep(draft) {
      await bucket.putFile(keyOf(draft.hash), draft)
      await dropDraft(draft)
      return undefined
    },
    async *old(used, before) {
      yield* leftIn(drafts, before)
      for await (const { key, at, bytes } of bucket.list('blobs/')) {
        const hash = key.slice('blobs/'.length)
        if (/^[0-9a-f]{64}$/.test(hash) && at < before && !used.has(hash)) yield { hash, place: key, bytes }
      }
    },
    // check again, because a listing may be old; a write between check and delete goes unnoticed
    async remove({ hash, place }, before) {
      if (hash === undefined) return rm(place, { force: true })
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
