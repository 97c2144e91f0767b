// hono's types of JSX name events of browsers, which the types of Workers do not have. No handler of ours uses them.
declare class AnimationEvent extends Event {}
declare class ClipboardEvent extends Event {}
declare class CompositionEvent extends Event {}
declare class DragEvent extends Event {}
declare class FocusEvent extends Event {}
declare class FormDataEvent extends Event {}
declare class InputEvent extends Event {}
declare class KeyboardEvent extends Event {}
declare class MouseEvent extends Event {}
declare class PointerEvent extends Event {}
declare class TouchEvent extends Event {}
declare class TransitionEvent extends Event {}
declare class WheelEvent extends Event {}
