// A trivial step: what is measured is everything around it.
export const handler = async (event) => event;
