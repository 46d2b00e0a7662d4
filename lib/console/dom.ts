/** What an element is to be. Text is set as text only: there is no way here to set HTML. */
interface Shape {
  readonly tag: string;
  readonly props: Props;
  readonly children: readonly (Shape | string)[];
}

export type Child = Shape | string | number | undefined | null | false | readonly Child[];

export interface Props {
  /** Tells siblings apart when they move. */
  readonly key?: string;
  /** Called once with the new element, whose inside then belongs to the caller. */
  readonly mount?: (element: HTMLElement) => void;
  readonly onclick?: (event: MouseEvent) => void;
  readonly onchange?: (event: Event) => void;
  readonly onsubmit?: (event: SubmitEvent) => void;
  readonly [attribute: string]: unknown;
}

/** An element to be drawn. `class: undefined` and `false` leave an attribute out. */
export const h = (tag: string, props: Props = {}, ...children: readonly Child[]): Shape => ({
  tag,
  props,
  children: flat(children),
});

const flat = (children: readonly Child[]): (Shape | string)[] =>
  children.flatMap((child): (Shape | string)[] => {
    if (child === undefined || child === null || child === false) return [];
    if (typeof child === 'string') return [child];
    if (typeof child === 'number') return [String(child)];
    return isList(child) ? flat(child) : [child];
  });

const isList = (child: Shape | readonly Child[]): child is readonly Child[] => Array.isArray(child);

const keys = new WeakMap<Node, string>();

/** Makes the children of an element what they are to be, keeping what is there: focus, selection and scrolling stay. */
export const draw = (parent: Element, children: readonly Child[]): void => {
  const keyed = new Map<string, Node>();
  for (const node of parent.childNodes) {
    const key = keys.get(node);
    if (key !== undefined) keyed.set(key, node);
  }
  let place: ChildNode | null = parent.firstChild;
  for (const child of flat(children)) {
    const found = existing(child, place, keyed);
    const node = found ?? made(child);
    if (node === place) place = place?.nextSibling ?? null;
    else parent.insertBefore(node, place);
    if (typeof child === 'string') {
      if (node.nodeValue !== child) node.nodeValue = child;
    } else if (node instanceof HTMLElement) update(node, child);
  }
  while (place) {
    const next: ChildNode | null = place.nextSibling;
    place.remove();
    place = next;
  }
};

const existing = (
  child: Shape | string,
  place: ChildNode | null,
  keyed: ReadonlyMap<string, Node>,
): Node | undefined => {
  if (typeof child === 'string') return place?.nodeType === Node.TEXT_NODE ? place : undefined;
  const { key } = child.props;
  const node = key === undefined ? place : keyed.get(key);
  if (!node || keys.get(node) !== key) return undefined;
  return node.nodeName.toLowerCase() === child.tag ? node : undefined;
};

const made = (child: Shape | string): Node => {
  if (typeof child === 'string') return document.createTextNode(child);
  const element = document.createElement(child.tag);
  const { key, mount } = child.props;
  if (key !== undefined) keys.set(element, key);
  mount?.(element);
  return element;
};

const shapes = new WeakMap<Node, Shape>();

const update = (element: HTMLElement, shape: Shape): void => {
  const before = shapes.get(element)?.props ?? {};
  shapes.set(element, shape);
  for (const name of new Set([...Object.keys(before), ...Object.keys(shape.props)])) {
    if (name === 'key' || name === 'mount') continue;
    const value = shape.props[name];
    if (value === before[name]) continue;
    if (name.startsWith('on')) Reflect.set(element, name, value ?? null);
    else if (value === undefined || value === false || value === null) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
    // The attribute is only what the field starts with.
    if (name === 'value' && element instanceof HTMLInputElement && element !== document.activeElement)
      element.value = String(value ?? '');
    if (name === 'selected' && element instanceof HTMLOptionElement) element.selected = value === true;
  }
  if (!shape.props.mount) draw(element, shape.children);
};

/** The value of a field of a form. */
export const field = (form: EventTarget | null, name: string): string => {
  const value = form instanceof HTMLFormElement ? new FormData(form).get(name) : null;
  return typeof value === 'string' ? value.trim() : '';
};

/** The value of what was changed. */
export const chosenIn = ({ currentTarget }: Event): string =>
  currentTarget instanceof HTMLSelectElement || currentTarget instanceof HTMLInputElement
    ? currentTarget.value
    : '';
