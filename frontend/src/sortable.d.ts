// What agenda-sort uses of sortablejs, which carries no types.
declare module "sortablejs/modular/sortable.core.esm.js" {
  interface Options {
    handle?: string;
    animation?: number;
    onStart?: () => void;
    onEnd?: (event: { item: HTMLElement }) => void;
  }
  const Sortable: { create(list: HTMLElement, options: Options): unknown };
  export default Sortable;
}
