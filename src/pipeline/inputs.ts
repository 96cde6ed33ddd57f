export type InputSpec = { readonly type: string }
