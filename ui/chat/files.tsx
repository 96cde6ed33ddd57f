import type { AskDocument } from '../../src/client.ts'
import { base, may } from '../lib/server.ts'

type Files = readonly Pick<NonNullable<AskDocument['files']>[number], 'file' | 'name' | 'type' | 'bytes'>[]

/** Types that a browser draws as a picture, and that can run nothing. */
const PICTURES = /^image\/(png|jpeg|webp|gif|avif)$/

/** Files of a message: small pictures of pictures, and links that save them. They come from the server, by address. */
export function FileChips({
  files,
  owner,
}: {
  readonly files: Files | undefined
  readonly owner?: string | undefined
}) {
  if (!files || files.length === 0) return null
  const mayOpen = may('talk', 'read', 'ask')
  const query = owner === undefined ? '' : `?owner=${encodeURIComponent(owner)}`
  return (
    <ul class="file-chips">
      {files.map(({ file, name, type, bytes }) => {
        const address = `${base}/v1/files/${encodeURIComponent(file)}`
        const said = (
          <>
            <span>{name}</span> <span class="quiet small">{sizeOf(bytes)}</span>
          </>
        )
        return (
          <li key={file}>
            {mayOpen ? (
              <a href={`${address}${query}`} target="_blank" rel="noreferrer">
                {PICTURES.test(type) && (
                  <img src={`${address}/thumbnail${query}`} alt="" loading="lazy" onError={sayBroken} />
                )}
                {said}
              </a>
            ) : (
              said
            )}
          </li>
        )
      })}
    </ul>
  )
}

const sayBroken = ({ currentTarget: image }: { readonly currentTarget: HTMLImageElement }) => {
  image.alt = 'This picture cannot be shown.'
}

const sizeOf = (bytes: number) =>
  bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`
