import { InvalidError } from '../../errors.ts'
import type { BlobStore } from './blob-store.ts'
import { folderStore } from './folder-store.ts'
import { s3AddressFrom } from './s3-address.ts'
import { s3Store } from './s3-store.ts'

/**
 * Opens the store that nodes share: a folder or an object store.
 * @throws InvalidError for any other address
 */
export function openSharedStore(place: string, environment: Readonly<Record<string, string | undefined>>): BlobStore {
  const [, scheme] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(place) ?? []
  if (scheme === undefined) return folderStore(place, { shared: true })
  if (scheme === 's3') return s3Store(s3AddressFrom(place, environment))
  throw new InvalidError(`nodes cannot share storage at ${scheme}://`, {
    hint: 'Name a folder that all of them write to, or an object store: s3://BUCKET/PREFIX',
  })
}
