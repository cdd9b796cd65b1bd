/** Packages are looked for from where a file lies, and the bench lies elsewhere once it is built. */
export const load = (specifier) => import(specifier)
