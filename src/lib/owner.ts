/** Whose is what has no other owner: the user of the data folder. */
export const LOCAL_OWNER = 'local'

/** How an owner is kept with what is theirs: not at all of the local one, as before there were others. */
export function ownerField(owner: string | undefined): { readonly owner?: string } {
  return owner === undefined || owner === LOCAL_OWNER ? {} : { owner }
}

/** Whose it is. */
export function ownerOf(kept: { readonly owner?: unknown }): string {
  return typeof kept.owner === 'string' ? kept.owner : LOCAL_OWNER
}

/** What a list is asked for to show what is one owner's; of nobody in particular: everybody's. */
export function ownerFilter(owner: string | undefined): { readonly owner?: string | null } {
  return owner === undefined ? {} : { owner: ownerField(owner).owner ?? null }
}
