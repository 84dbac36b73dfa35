// Code that nothing loads.
export const unused = true
