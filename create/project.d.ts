export type Template = {
  readonly about: string
  readonly scripts: Readonly<Record<string, string>>
  readonly next: readonly string[]
}
export const TEMPLATES: { readonly [name: string]: Template }
export const IS_ON_NPM: boolean
export const VERSIONS: { readonly [name: string]: string }
export function whyNoName(name: string): string | undefined
export function projectFiles(
  template: string,
  options: { readonly name: string; readonly antiphon?: string },
): readonly { readonly path: string; readonly text: string }[]
