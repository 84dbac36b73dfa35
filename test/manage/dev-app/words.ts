// What the tests edit: code that other code is made of.
export const words = 'first words'
