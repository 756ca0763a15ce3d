"""A hand-in as students write it: the handout's own style, everything in the notebook and utilities.py.

All of it is right. It is what most faults and rewrites edit, so its texts are what their ``replace``
looks for; whoever changes a line here runs ``labgrade audit`` after it.
"""

from __future__ import annotations

from checks.cnn.faults.handin_notebook import CELLS
from checks.kit.fault import HandIn

UTILITIES = r'''
import keras
from keras.layers import Input, Conv2D, BatchNormalization, MaxPooling2D, Flatten, Dense, Dropout
from keras.models import Sequential
from keras.optimizers import SGD, Adam


# Set seed from random number generator, for better comparisons
keras.utils.set_random_seed(123)


# Function to build convolutional neural network
def build_CNN(input_shape, loss,
              n_conv_layers=2, n_filters=16, n_dense_layers=0, n_nodes=50,
              use_dropout=False, learning_rate=0.01, act_fun='sigmoid', optimizer='sgd',
              print_summary=False):
    """
    Builds a Convolutional Neural Network (CNN) model based on the provided parameters.

    Parameters:
    input_shape (tuple): Shape of the input data (excluding batch size).
    loss (keras loss): Loss function to use in the model.
    n_conv_layers (int, optional): Number of convolutional layers in the model. Default is 2.
    n_filters (int, optional): Number of filters in each convolutional layer. Default is 16.
    n_dense_layers (int, optional): Number of dense layers in the model. Default is 0.
    n_nodes (int, optional): Number of nodes in each dense layer. Default is 50.
    use_dropout (bool, optional): Whether to use Dropout after each layer. Default is False.
    learning_rate (float, optional): Learning rate for the optimizer. Default is 0.01.
    act_fun (str, optional): Activation function to use in each layer. Default is 'sigmoid'.
    optimizer (str, optional): Optimizer to use in the model. Default is 'sgd'.
    print_summary (bool, optional): Whether to print a summary of the model. Default is False.
    """

    # Setup optimizer, depending on input parameter string
    if optimizer == 'sgd':
        opt = SGD(learning_rate=learning_rate)
    elif optimizer == 'adam':
        opt = Adam(learning_rate=learning_rate)

    # Setup a sequential model
    model = Sequential()
    model.add(Input(shape=input_shape))

    # Add convolutional layers, the number of filters is doubled for each layer
    for i in range(n_conv_layers):
        model.add(Conv2D(n_filters * 2**i, kernel_size=(3, 3), padding='same', activation=act_fun))
        model.add(BatchNormalization())
        model.add(MaxPooling2D(pool_size=(2, 2)))

    # Add flatten layer
    model.add(Flatten())

    # Add intermediate dense layers
    for i in range(n_dense_layers):
        model.add(Dense(n_nodes, activation=act_fun))
        model.add(BatchNormalization())
        if use_dropout:
            model.add(Dropout(0.5))

    # Add final dense layer
    model.add(Dense(10, activation='softmax'))

    # Compile model
    model.compile(loss=loss, optimizer=opt, metrics=['accuracy'])

    if print_summary:
        model.summary()

    return model
'''

HAND_IN = HandIn(cells=CELLS, files={"utilities.py": UTILITIES.lstrip("\n")})
