/** The default owner: the user of the data folder. */
export const LOCAL_OWNER = 'local'

/** The stored form of an owner. The local owner is omitted. */
export function ownerField(owner: string | undefined): { readonly owner?: string } {
  return owner === undefined || owner === LOCAL_OWNER ? {} : { owner }
}

export function ownerOf(record: { readonly owner?: unknown }): string {
  return typeof record.owner === 'string' ? record.owner : LOCAL_OWNER
}

/** A list filter for the items of an owner. Undefined: the items of all owners. */
export function ownerFilter(owner: string | undefined): { readonly owner?: string | null } {
  return owner === undefined ? {} : { owner: ownerField(owner).owner ?? null }
}
