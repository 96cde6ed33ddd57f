import { realpath } from 'node:fs/promises'
import { resolve } from 'node:path'
import { NotFoundError } from '../../errors.ts'
import { pathOnDisk } from '../../lib/nearest-file.ts'
import type { MemoryNeeds } from '../../memory/room/open-port.ts'
import type { StepServices } from '../../step/call/context.ts'
import { allowedRoots, withPermissionHint } from '../../step/call/permissions.ts'
import { isClosedToReads, realRoots, resolveToRead } from '../../tool/roots.ts'

const UNTRUSTED = { untrusted: true } as const

/** Opens paths for rooms: all of them for a trusted caller, and for all others those that untrusted runs may read. */
export function pathOpener(root: string, services: StepServices): MemoryNeeds['openPath'] {
  return async (path, trusted) => {
    if (trusted) return { real: await realOf(resolve(root, path), path), mayRead: () => true }
    try {
      const place = { root, roots: allowedRoots(services, UNTRUSTED) }
      const roots = await realRoots(place)
      const real = await resolveToRead(path, place, roots)
      return { real, mayRead: (one) => !isClosedToReads(one, roots) }
    } catch (error) {
      throw withPermissionHint(error, UNTRUSTED)
    }
  }
}

const realOf = (whole: string, path: string): Promise<string> =>
  realpath(pathOnDisk(whole)).catch((cause) => {
    throw new NotFoundError(`There is no file or folder ${path}.`, { cause })
  })
