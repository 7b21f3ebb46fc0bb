"""How Django's forms become HTML: `{{ form }}` and `{{ form.title.as_field_group }}` use Raccordo's own templates."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Set as FORM_RENDERER; styling goes by element, so that no widget needs a class."""

    form_template_name = "partials/form_fields.html"
    field_template_name = "partials/form_field.html"
