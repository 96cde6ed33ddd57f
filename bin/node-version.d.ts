export function whyTooOld(version?: string): string | undefined
export function whyNoPnp(pnp?: string): string | undefined
