import type { Viewer } from '../../house/viewer.ts'
import type { HooksPort, HooksView } from './port.ts'

/** The hooks of the caller, or of all owners for an admin. A signature or a token is the right of a delivery. */
export const viewHooks = (hooks: HooksPort, { seen }: Pick<Viewer, 'seen'>): HooksView => ({
  deliver: (...given) => hooks.deliver(...given),
  signal: (...given) => hooks.signal(...given),
  async list() {
    const all = await hooks.list()
    return { items: seen === 'all' ? all : all.filter(({ owner }) => seen.includes(owner)) }
  },
})
