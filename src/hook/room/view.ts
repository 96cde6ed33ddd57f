import type { Viewer } from '../../house/viewer.ts'
import type { HooksPort, HooksView } from './port.ts'

/** The hooks of the caller, or of all owners for an admin. A delivery has no caller: its signature is its right. */
export const viewHooks = (hooks: HooksPort, { seen }: Pick<Viewer, 'seen'>): HooksView => ({
  deliver: (...given) => hooks.deliver(...given),
  async list() {
    const all = await hooks.list()
    return { items: seen === 'all' ? all : all.filter(({ owner }) => seen.includes(owner)) }
  },
})
