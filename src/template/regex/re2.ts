/** The library of patterns, which the build puts into one small file: its package has three copies of itself. */
export { MatcherInput, RE2JS, RE2JSSyntaxException } from 're2js'
