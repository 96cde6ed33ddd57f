/** A model that may answer; `provider/*` stands for any of that server. */
export type ModelSummary = { readonly id: string; readonly offline: boolean; readonly default?: true }
